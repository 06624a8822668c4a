// The page: it logs a customer in at the shop's own server, shows for whom the org takes the customer and why, and chats.

import { ChatError, EnhancedChat, claimsOf, headerOf, isGuest, verifiedSubject } from "./enhanced-chat.js";

const part = (id) => document.getElementById(id);
const shown = new Set();
let chat = null;
let settings = null;

/** Asks the shop's own server. */
async function shop(method, path, body) {
  const answer = await fetch(path, {
    method, cache: "no-store", body: body && JSON.stringify(body),
    headers: body ? { "Content-Type": "application/json" } : {},
  });
  if (!answer.ok) throw new ChatError(`The shop's server answers ${path} with ${answer.status}.`, answer.status);
  return answer.json();
}

async function identityToken() {
  const { token } = await shop("POST", "identity-token");
  showToken(token);
  const { exp } = claimsOf(token);
  // What Salesforce's own clients check before they send it; nobody else sees an expired token.
  if (typeof exp !== "number") throw new ChatError("The identity token has no exp, or cannot be decoded.", 403);
  if (Math.floor(Date.now() / 1000) >= exp) {
    throw new ChatError(`The identity token expired at ${time(1000 * exp)}, by the clock of this computer.`
      + " Compare the clocks, and look for a cache that keeps old tokens.", 403);
  }
  return token;
}

/** Shows the verdict: "verified", "guest" or "none", and why. */
function conclude(state, verdict, reason) {
  part("identity").dataset.state = state;
  part("verdict").textContent = verdict;
  part("reason").textContent = reason;
  const open = state !== "none" && state !== "connecting";
  for (const each of part("send").elements) each.disabled = !open;
  part("renew").hidden = state !== "verified";
}

function fact(name, value) {
  const id = `fact-${name.toLowerCase().replaceAll(" ", "-")}`;
  if (part(id) === null) {
    const term = document.createElement("dt");
    const description = document.createElement("dd");
    term.textContent = name;
    description.id = id;
    part("facts").append(term, description);
  }
  part(id).textContent = value;
}

const time = (moment) => new Date(moment).toLocaleTimeString();

function showToken(token) {
  const { iss, sub, exp } = claimsOf(token);
  fact("Identity token", `kid ${headerOf(token).kid}, iss ${iss}, sub ${sub}, exp ${time(1000 * exp)}`);
}

function showAccess() {
  fact("Access token", `${chat.subject}, until ${time(chat.expires)}`);
  fact("Renewals", String(chat.renewals));
}

/** Connects as the customer who is logged in, or as a guest if the deployment takes guests. */
async function connect() {
  conclude("connecting", "Connecting", "The page asks who you are.");
  part("facts").replaceChildren();
  part("log").replaceChildren();
  part("problem").textContent = "";
  shown.clear();
  settings ??= await shop("GET", "settings.json");
  const { customer } = await shop("GET", "session");
  part("login").hidden = customer !== null;
  part("logout").hidden = customer === null;
  part("name").textContent = customer ?? "";
  fact("Shop", customer === null ? "Nobody is logged in." : `${customer} is logged in.`);
  const begun = new EnhancedChat(settings, identityToken);
  chat = begun;
  try {
    await enter(begun, customer);
  } catch (error) {
    conclude("none", "No chat", reasonOf(error));
  }
}

async function enter(begun, customer) {
  const mode = await begun.mode();
  fact("Deployment", `${begun.deployment}, mode ${mode ?? "unknown"}`);
  if (mode !== null && mode !== "Auth" && mode !== "UnAuth") {
    return conclude("none", "No chat", `The mode ${mode} verifies customers without identity tokens.`);
  }
  if (customer === null && mode !== "UnAuth") {
    return conclude("none", "No chat", "This deployment verifies customers, and nobody is logged in.");
  }
  if (mode === "UnAuth") await begun.enterAsGuest();
  else await begun.verify(await identityToken());
  if (chat !== begun) return undefined;
  showAccess();
  const doubt = doubtOf(begun.subject, customer, mode);
  if (doubt) {
    await begun.leave();
    return conclude("none", "No chat", doubt);
  }
  for (const entry of await begun.open()) show(entry);
  begun.addEventListener("entry", (event) => show(event.detail));
  begun.addEventListener("renewed", showAccess);
  begun.addEventListener("lost", (event) => conclude("none", "No chat", event.detail));
  return judge(begun, customer, mode);
}

/** Returns why the page must not go on as this subject; empty if it may. */
function doubtOf(subject, customer, mode) {
  const known = verifiedSubject(subject);
  if (known && mode !== "UnAuth" && known.customer === customer) return "";
  if (!known && isGuest(subject)) return "";
  if (known) return `The org takes the customer for ${known.customer}, so this page does not go on.`;
  return `The subject ${subject} is neither a customer's nor a guest's, so this page does not go on.`;
}

/** Only the subject tells who somebody is: an answer of 200 proves nothing. */
function judge(begun, customer, mode) {
  const known = verifiedSubject(begun.subject);
  if (known) {
    return conclude("verified", `Verified: ${known.customer}`,
      `The org took the identity token, by the configuration ${known.configuration}.`);
  }
  if (mode !== "UnAuth") {
    return conclude("guest", "Guest", "The runtime gave a guest's access token for the identity token.");
  }
  return conclude("guest", "Guest", customer === null
    ? "Verification is off for this deployment, and nobody is logged in."
    : "Verification is off for this deployment, so the identity token is not used.");
}

function reasonOf(error) {
  if (!(error instanceof ChatError)) return `The page has a defect: ${error}`;
  return error.status > 0 && error.status !== 403 ? `Refused with ${error.status}: ${error.message}` : error.message;
}

function show(entry) {
  if (shown.has(entry.id)) return;
  shown.add(entry.id);
  const line = document.createElement("p");
  if (entry.type === "Message" && entry.text) {
    const name = document.createElement("b");
    name.textContent = entry.isOwn ? "You" : entry.name;
    line.classList.toggle("own", entry.isOwn);
    line.append(name, entry.text);
  } else if (entry.type === "SessionStatusChanged" && entry.status === "Ended") {
    line.className = "note";
    line.textContent = "This visit has ended. Your next message begins another in the same conversation.";
  } else {
    return;
  }
  part("log").append(line);
  part("log").scrollTop = part("log").scrollHeight;
}

/** Runs one action of a button or form, and shows how it failed. */
function on(id, event, action) {
  part(id).addEventListener(event, async (happened) => {
    happened.preventDefault();
    part("problem").textContent = "";
    try {
      await action();
    } catch (error) {
      part("problem").textContent = reasonOf(error);
    }
  });
}

on("login", "submit", async () => {
  await chat?.leave().catch(() => {}); // a guest's chat ends; the page connects as the customer
  await shop("POST", "login", { customer: part("customer").value });
  await connect();
});
on("logout", "submit", async () => {
  try {
    await chat.leave(); // first the chat, while the shop's own session lasts
  } finally {
    await shop("POST", "logout");
    await connect();
  }
});
on("send", "submit", async () => {
  await chat.send(part("text").value);
  part("text").value = "";
});
on("end", "click", () => chat.endSession());
on("renew", "click", () => chat.renew());
connect().catch((error) => conclude("none", "No chat", reasonOf(error)));
