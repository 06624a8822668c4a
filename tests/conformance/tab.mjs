// One tab of headless Chromium, driven by lines of JSON on standard input; an answer is one line of JSON.
// node tab.mjs CHROMIUM
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { createRequire } from "node:module";

const require = createRequire(path.join(process.cwd(), "package.json"));
const puppeteer = require("puppeteer-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const browser = await puppeteer.launch({
  executablePath: process.argv[2], headless: true, acceptInsecureCerts: true, args: ["--no-sandbox", "--disable-gpu"],
});
let tab, messages, requests;

const does = {
  async open({ url, width = 1280, height = 900, scheme = "light" }) {
    await tab?.close();
    const context = await browser.createBrowserContext();
    tab = await context.newPage();
    messages = [];
    requests = [];
    tab.on("console", (message) => messages.push(message.text()));
    tab.on("pageerror", (error) => messages.push(String(error)));
    tab.on("request", (request) => { if (!request.url().startsWith("data:")) requests.push(new URL(request.url()).origin); });
    await tab.setViewport({ width, height });
    await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await tab.goto(url, { waitUntil: "load" });
  },
  wait: ({ until }) => tab.waitForFunction(until, { timeout: 60_000 }).then(() => true),
  eval: ({ code }) => tab.evaluate(code),
  key: ({ name }) => tab.keyboard.press(name),
  type: ({ text }) => tab.keyboard.type(text),
  shot: ({ file }) => tab.screenshot({ path: file, fullPage: true }).then(() => true),
  seen: () => ({ messages, requests: [...new Set(requests)] }),
  async axe() {
    await tab.evaluate(axe);
    const result = await tab.evaluate(() => window.axe.run(document));
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    const found = result.violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
    return wide > 0 ? [...found, `${wide} pixels too wide`] : found;
  },
};
for await (const line of readline.createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  try {
    console.log(JSON.stringify({ result: (await does[asked.do](asked)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
await browser.close();
