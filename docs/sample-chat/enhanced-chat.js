// A client of the Enhanced Chat API, version 2, for a deployment of the type Custom Client: access tokens for a
// customer or a guest, renewal, one conversation, messages, the event stream, and logout. It knows nothing of the page.

const V2 = "/iamessage/api/v2";
const SUBJECT = /^v2\/iamessage\/AUTH\/([^/]+)\/uid:(.*)$/s;
/** The access token is renewed so many milliseconds before it expires, or after two thirds of its life. */
const RENEW_BEFORE = 60_000;
const MOST_REFUSALS = 4;
const LONGEST_TIMER = 2 ** 31 - 1;

/** An answer that is no success, or no answer at all (status 0). */
export class ChatError extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

/** Returns the claims of a JWT. Nobody checks its signature here: they are good for showing and comparing only. */
export function claimsOf(token) {
  try {
    const bytes = Uint8Array.from(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")),
      (letter) => letter.codePointAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    return claims !== null && typeof claims === "object" ? claims : {};
  } catch {
    return {};
  }
}

/** Returns the header of a JWT. */
export const headerOf = (token) => claimsOf(`.${token.split(".")[0]}.`);

/** Returns {configuration, customer} of a verified customer's subject, else null: also for guests. */
export function verifiedSubject(subject) {
  const found = SUBJECT.exec(subject ?? "");
  return found && { configuration: found[1], customer: found[2] };
}

export const isGuest = (subject) => (subject ?? "").startsWith("v2/iamessage/UNAUTH/");

export class EnhancedChat extends EventTarget {
  #access = null;
  #expires = 0;
  #lastEvent = "0";
  #timer = null;
  #stream = null;
  #conversation = null;
  #refusals = 0;
  #visitEnded = false;
  #ended = false;

  /** settings: what `provisioner render --snippet` prints for a Custom Client. identityToken: asks the shop's server. */
  constructor({ OrganizationId, DeveloperName, Url }, identityToken) {
    super();
    this.org = OrganizationId.slice(0, 15); // the event stream refuses 18 characters
    this.deployment = DeveloperName;
    this.url = Url.replace(/\/$/, "");
    this.identityToken = identityToken;
    this.subject = null;
    this.renewals = 0;
  }

  get expires() { return new Date(this.#expires); }
  get isVerified() { return verifiedSubject(this.subject) !== null; }

  /** Returns the deployment's mode, Auth or UnAuth or another; null if its public configuration cannot be read. */
  async mode() {
    const query = new URLSearchParams({ orgId: this.org, esConfigName: this.deployment, language: "en_US" });
    try {
      const found = await this.#ask("GET", `/embeddedservice/v1/embedded-service-config?${query}`);
      return found.embeddedServiceConfig?.embeddedServiceMessagingChannel?.authMode ?? null;
    } catch (error) {
      if (error.status === 400 || error.status === 404) return null; // not known of Custom Client deployments
      throw error;
    }
  }

  /** Exchanges an identity token for an access token. */
  async verify(token) {
    const body = { authorizationType: "JWT", customerIdentityToken: token };
    this.#take(await this.#token("authenticated", body));
  }

  /** Asks for a guest's access token. */
  async enterAsGuest() {
    this.#take(await this.#token("unauthenticated", {}));
  }

  /** Resumes the customer's open conversation, or creates one, and listens. Returns its earlier entries. */
  async open() {
    const found = await this.#ask("GET", `${V2}/conversation/list?inclClosedConvs=false&limit=20`);
    this.#conversation = (found.conversations ?? [])[0]?.conversationId ?? null;
    let earlier = [];
    if (this.#conversation !== null) {
      const kept = await this.#ask("GET", `${V2}/conversation/${this.#conversation}/entries?limit=50`);
      earlier = kept.conversationEntries ?? [];
    } else {
      this.#conversation = crypto.randomUUID();
      await this.#ask("POST", `${V2}/conversation`,
        { conversationId: this.#conversation, esDeveloperName: this.deployment });
    }
    this.#listen();
    const entries = earlier.map(plain).sort((one, other) => one.time - other.time);
    for (const entry of entries) this.#note(entry);
    return entries;
  }

  async send(text) {
    const content = { messageType: "StaticContentMessage", staticContent: { formatType: "Text", text } };
    const message = { id: crypto.randomUUID(), ...content };
    const body = { message, esDeveloperName: this.deployment };
    if (this.#visitEnded) body.isNewMessagingSession = true; // without it: 417
    await this.#ask("POST", `${V2}/conversation/${this.#conversation}/message`, body);
    this.#visitEnded = false;
  }

  /** Ends the visit. A verified customer's conversation stays, and the next visit resumes it. */
  async endSession() {
    await this.#ask("DELETE", `${V2}/conversation/${this.#conversation}/session?esDeveloperName=${this.deployment}`);
    this.#visitEnded = true;
  }

  #note(entry) {
    if (entry.type === "SessionStatusChanged") this.#visitEnded = entry.status === "Ended";
    else if (entry.isOwn) this.#visitEnded = false;
  }

  /** Fetches another identity token and exchanges it. The conversation goes on. */
  async renew() {
    const before = this.subject;
    await this.verify(await this.identityToken());
    if (this.#ended) return;
    if (this.subject !== before) {
      throw new ChatError("The renewed token is another customer's. Reload the page.", 403);
    }
    this.renewals += 1;
    this.#listen();
    this.dispatchEvent(new Event("renewed"));
  }

  /** Forgets everything and revokes the access token: call it before the shop's own session ends. */
  async leave() {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#stream?.abort();
    const access = this.#access;
    const isCustomer = access !== null && !isGuest(this.subject);
    try {
      if (isCustomer) await this.#ask("DELETE", `${V2}/authorization/authenticated/access-token`);
      else if (access !== null && this.#conversation !== null) {
        await this.#ask("DELETE", `${V2}/conversation/${this.#conversation}?esDeveloperName=${this.deployment}`);
      }
    } finally {
      this.#access = this.subject = this.#conversation = null;
    }
  }

  #take(answer) {
    if (typeof answer.accessToken !== "string") throw new ChatError("The answer has no access token.", 200);
    const claims = claimsOf(answer.accessToken);
    this.#access = answer.accessToken;
    this.subject = claims.sub ?? answer.context?.endUser?.subject ?? null;
    this.#expires = 1000 * (claims.exp ?? Date.now() / 1000 + 3600);
    if (this.#stream === null) this.#lastEvent = answer.lastEventId ?? "0";
    this.#schedule();
  }

  #schedule(attempt = 0) {
    clearTimeout(this.#timer);
    if (this.#ended) return;
    const left = this.#expires - Date.now();
    // Attempts that fail are spaced further and further: a refused token must not become a storm of requests.
    const wait = attempt ? 2000 * 2 ** attempt : left - Math.min(RENEW_BEFORE, left / 3);
    if (!this.isVerified) {
      this.#timer = setTimeout(() => this.#lose("The guest's access token has expired."), clamp(left));
    } else if (wait < left || attempt === 0) {
      this.#timer = setTimeout(() => this.#renewOr(attempt), clamp(wait));
    } else {
      this.#lose("The access token has expired, and no other was issued.");
    }
  }

  async #renewOr(attempt) {
    try {
      await this.renew();
    } catch (error) {
      if (this.#ended) return;
      if (error.status === 401 || error.status === 403) this.#lose(`The token was not renewed: ${error.message}`);
      else this.#schedule(attempt + 1);
    }
  }

  #lose(reason) {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#stream?.abort();
    this.dispatchEvent(new CustomEvent("lost", { detail: reason }));
  }

  #listen() {
    this.#stream?.abort();
    this.#stream = new AbortController();
    this.#follow(this.#stream.signal);
  }

  /** Reads the event stream and opens it again after its end, each time from the last event. */
  async #follow(signal) {
    let pause = 1000;
    while (!signal.aborted) {
      try {
        const headers = { "X-Org-Id": this.org, "Last-Event-Id": this.#lastEvent, ...this.#bearer() };
        const answer = await fetch(`${this.url}/eventrouter/v1/sse`, { headers, signal, cache: "no-store" });
        if (answer.status === 401) return this.#refused();
        if (answer.ok) {
          pause = 1000;
          this.#refusals = 0;
          await this.#read(answer.body.pipeThrough(new TextDecoderStream()).getReader());
        }
      } catch {
        if (signal.aborted) return;
      }
      await new Promise((done) => setTimeout(done, pause));
      pause = Math.min(2 * pause, 30_000);
    }
  }

  /** The access token counts no longer: renews it, later each time, and gives up after some attempts. */
  #refused() {
    this.#refusals += 1;
    if (!this.isVerified || this.#refusals > MOST_REFUSALS) this.#lose("The org takes the access token no longer.");
    else this.#schedule(this.#refusals);
  }

  async #read(reader) {
    let text = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const blocks = (text + part.value).replaceAll("\r\n", "\n").split("\n\n");
      text = blocks.pop();
      for (const block of blocks) this.#event(block);
    }
  }

  #event(block) {
    const fields = block.split("\n").map((line) => line.match(/^(\w+): ?(.*)$/) ?? []);
    const value = (name) => fields.filter((each) => each[1] === name).map((each) => each[2]).join("\n");
    if (value("id")) this.#lastEvent = value("id");
    if (!value("event").startsWith("CONVERSATION_")) return;
    const data = JSON.parse(value("data"));
    if (data.conversationId !== this.#conversation) return;
    const entry = plain(data.conversationEntry);
    this.#note(entry);
    this.dispatchEvent(new CustomEvent("entry", { detail: entry }));
  }

  #bearer() {
    return this.#access === null ? {} : { Authorization: `Bearer ${this.#access}` };
  }

  async #token(kind, more) {
    const body = { orgId: this.org, esDeveloperName: this.deployment, capabilitiesVersion: "1", platform: "Web" };
    return this.#ask("POST", `${V2}/authorization/${kind}/access-token`, { ...body, ...more }, {});
  }

  async #ask(method, path, body, credentials = this.#bearer()) {
    const headers = { ...(body && { "Content-Type": "application/json" }), ...credentials };
    let answer;
    try {
      answer = await fetch(this.url + path, { method, headers, body: body && JSON.stringify(body), cache: "no-store" });
    } catch {
      throw new ChatError(
        `The browser got no answer from ${this.url} that this page may read. Either it does not trust the host's`
        + ` certificate (open ${this.url} once), or ${location.origin} is missing in Setup > CORS.`);
    }
    const text = await answer.text();
    const found = parsed(text);
    if (!answer.ok) throw new ChatError(wordsOf(found) || text.slice(0, 200) || "no text", answer.status);
    return found ?? {};
  }
}

const clamp = (milliseconds) => Math.max(0, Math.min(milliseconds, LONGEST_TIMER));

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function wordsOf(found) {
  const first = Array.isArray(found) ? found[0] : found;
  return first?.message ?? first?.text ?? first?.error ?? "";
}

/** An entry of the list (its payload is an object) or of the stream (its payload is text) for the page. */
function plain(entry) {
  const payload = typeof entry.entryPayload === "string" ? parsed(entry.entryPayload) : entry.entryPayload;
  return {
    id: entry.identifier,
    type: payload?.entryType ?? entry.entryType,
    isOwn: entry.sender?.role === "EndUser",
    name: entry.senderDisplayName ?? entry.sender?.role ?? "",
    text: payload?.abstractMessage?.staticContent?.text ?? "",
    status: payload?.sessionStatus ?? "",
    time: entry.transcriptedTimestamp ?? 0,
  };
}
