// Opens a page in headless Chromium as different people would, and prints what was found as one JSON object.
// node browser.mjs CHROMIUM PAGE FOLDER
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const [chromium, page, folder] = process.argv.slice(2);
const require = createRequire(path.join(process.cwd(), "package.json"));
const puppeteer = require("puppeteer-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const url = "file://" + page;
const found = { messages: [], requests: [], violations: [], overflowing: [] };
const browser = await puppeteer.launch({ executablePath: chromium, headless: true, args: ["--no-sandbox", "--disable-gpu"] });

async function open(width, height, scheme, javascript = true) {
  const tab = await browser.newPage();
  tab.on("console", (message) => found.messages.push(message.text()));
  tab.on("pageerror", (error) => found.messages.push(String(error)));
  tab.on("dialog", (dialog) => { found.messages.push("dialog: " + dialog.message()); dialog.dismiss(); });
  tab.on("request", (request) => { if (!request.url().startsWith("data:")) found.requests.push(request.url()); });
  await tab.setJavaScriptEnabled(javascript);
  await tab.setViewport({ width, height });
  await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await tab.goto(url, { waitUntil: "load" });
  return tab;
}

for (const [name, width, height] of [["phone", 390, 844], ["desktop", 1280, 900]]) {
  for (const scheme of ["light", "dark"]) {
    const tab = await open(width, height, scheme);
    await tab.screenshot({ path: path.join(folder, `${name}-${scheme}.png`), fullPage: true });
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) found.overflowing.push(`${name}-${scheme}: ${wide} pixels`);
    await tab.evaluate(axe);
    const result = await tab.evaluate(() => axe.run(document));
    for (const each of result.violations) {
      found.violations.push(`${name}-${scheme}: ${each.id}: ${each.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
    }
    await tab.close();
  }
}

const names = () => [...document.querySelectorAll("#fleet-table tbody tr")].filter((row) => !row.hidden)
  .map((row) => row.cells[0].textContent);
const tab = await open(1280, 900, "light");
await tab.emulateMediaType("print");
await tab.pdf({ path: path.join(folder, "print.pdf"), format: "A4" });
await tab.emulateMediaType("screen");
found.before = await tab.evaluate(names);
// With the keyboard alone: TAB to the filter, type; TAB to the first column, sort it twice.
const focused = () => document.activeElement.id || document.activeElement.textContent;
found.stops = [];
for (let i = 0; i < 6; i++) {
  await tab.keyboard.press("Tab");
  found.stops.push(await tab.evaluate(focused));
  if (found.stops.at(-1) === "filter") {
    await tab.keyboard.type("production");
    found.filtered = await tab.evaluate(names);
    found.announced = await tab.evaluate(() => document.getElementById("count").textContent);
    found.sections = await tab.evaluate(() => [...document.querySelectorAll("section[id^=e]")].filter((each) => !each.hidden).length);
    for (let key = 0; key < "production".length; key++) await tab.keyboard.press("Backspace");
  }
  if (found.stops.at(-1) === "Environment") {
    await tab.keyboard.press("Enter");
    found.ascending = await tab.evaluate(names);
    await tab.keyboard.press("Space");
    found.descending = await tab.evaluate(names);
    found.sorted = await tab.evaluate(() => document.querySelector("th[aria-sort]").getAttribute("aria-sort"));
  }
}
await tab.close();
const plain = await open(1280, 900, "light", false);
found.withoutScript = (await plain.$$("#fleet-table tbody tr")).length;
await browser.close();
console.log(JSON.stringify(found));
