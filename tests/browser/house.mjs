// The house that the stories walk through: the program's own demo on free ports, and one browser.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** A debug build harvests its three agencies well within this time. */
const START_MS = 240_000;
/** After this long a program that was asked to stop is ended. */
const STOP_MS = 20_000;
/** No step of a story takes longer, on a machine that does much else besides. */
const STEP_MS = 60_000;

const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Maps are drawn without a graphics card.
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];

/** WCAG 2.2, levels A and AA, and what axe-core calls good practice. */
const WCAG_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const GOOD_PRACTICE_RULES = ["best-practice"];
/** The rules that look at colours: the others find the same by day and by night. */
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Starts the demo and resolves with what it greets with: address, key and the accounts that may sign in. */
async function startDemo() {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("FAIRGROUND_") || name.startsWith("FAIRGROUND_TEST_")),
  );
  // The demo's throw-away folder, and with it the letters that it sends, come to lie in a folder that we know.
  const folder = mkdtempSync(join(tmpdir(), "fairground-house-"));
  const program = spawn(process.env.FAIRGROUND_TEST_BIN, ["demo", "--listen", "127.0.0.1:0"], {
    env: { ...environment, FAIRGROUND_LOG: "warn", TMPDIR: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let logged = "";
  const ended = new Promise((resolve) => program.once("exit", (code, signal) => resolve(code ?? signal)));
  program.stderr.setEncoding("utf8").on("data", (text) => (logged = (logged + text).slice(-8000)));
  const greeting = new Promise((resolve) => {
    program.stdout.setEncoding("utf8").on("data", (text) => {
      said += text;
      if (/^Demo key: \S+$/m.test(said)) resolve(true);
    });
  });
  const late = new Promise((resolve) => setTimeout(resolve, START_MS, false).unref());
  const greeted = await Promise.race([greeting, late, ended.then(() => false)]);
  if (!greeted) {
    program.kill("SIGKILL");
    throw new Error(`the demo did not greet:\n${said}\n${logged}`);
  }
  const found = (pattern) => said.match(pattern)?.[1] ?? assert.fail(`the greeting lacks ${pattern}:\n${said}`);
  return {
    address: found(/^Portal: (http:\S+?)\/?$/m),
    key: found(/^Demo key: (\S+)$/m),
    password: found(/with password (\S+)/),
    emails: {
      operator: found(/^\s+operator\s+(\S+@\S+)$/m),
      steward: found(/^\s+steward\s+(\S+@\S+)$/m),
      publisher: found(/^\s+publisher\s+(\S+@\S+)$/m),
    },
    folder,
    async stop() {
      program.kill("SIGTERM");
      const overdue = setTimeout(() => program.kill("SIGKILL"), STOP_MS);
      const how = await ended;
      clearTimeout(overdue);
      rmSync(folder, { recursive: true, force: true });
      assert.equal(how, 0, `the demo should stop when it is asked to, but ended with ${how}:\n${logged}`);
    },
  };
}

/** What lies in a folder; nothing while it is not there. */
function listed(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Opens demo and browser, with further flags of the browser's where a tool needs them. */
export async function openHouse({ flags = [] } = {}) {
  const demo = await startDemo();
  const browser = await chromium.launch({
    executablePath: process.env.FAIRGROUND_TEST_CHROMIUM,
    headless: true,
    args: [...CHROMIUM_FLAGS, ...flags],
  });

  /**
   * A visitor with a browser profile of their own. Whatever their pages say to the console, break, or ask of other hosts
   * stands in `faults`.
   */
  async function visitor({ width = 1440, colorScheme = "light", javaScript = true, locale = "en" } = {}) {
    const context = await browser.newContext({
      baseURL: demo.address,
      viewport: { width, height: 900 },
      colorScheme,
      javaScriptEnabled: javaScript,
      reducedMotion: "reduce",
      locale,
    });
    context.setDefaultTimeout(STEP_MS);
    const faults = [];
    await context.route("**/*", (route) => {
      const { origin } = new URL(route.request().url());
      if (origin === demo.address || origin === "null") return route.continue();
      faults.push(`a page asked ${origin}`);
      return route.abort();
    });
    const page = await context.newPage();
    page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
    page.on("console", (line) => {
      // What the drawing without a graphics card says of its own slowness is not the page's fault.
      if (/GL Driver Message/.test(line.text())) return;
      if (["error", "warning"].includes(line.type())) faults.push(`console at ${page.url()}: ${line.text()}`);
    });
    return { page, context, faults, leave: () => context.close() };
  }

  /**
   * What axe-core finds on the page, one line for each fault. At `/docs` Swagger UI draws the operations and sets the
   * landmarks; it is not ours and has barriers of its own, so there the page around it is held to WCAG alone.
   */
  async function barriers(page, { coloursAlone = false } = {}) {
    if (!(await page.evaluate(() => Boolean(window.axe)))) await page.evaluate(axeSource);
    const violations = await page.evaluate(async ([wcag, goodPractice, colours]) => {
      const isDrawnByOthers = document.querySelector("#api-docs") !== null;
      const runOnly = colours ?? (isDrawnByOthers ? wcag : [...wcag, ...goodPractice]);
      // Only what is wrong is worked out in full and sent over.
      return (await window.axe.run({ exclude: ["#api-docs"] }, { runOnly, resultTypes: ["violations"] })).violations;
    }, [WCAG_RULES, GOOD_PRACTICE_RULES, coloursAlone ? { type: "rule", values: COLOUR_RULES } : null]);
    return violations.flatMap((rule) =>
      rule.nodes.map((node) => `${rule.id} (${rule.impact}): ${node.target.join(" ")}: ${node.failureSummary.replace(/\s+/g, " ")}`),
    );
  }

  /** The first letter that fits; waits until it has been sent. */
  async function letter(fits) {
    const end = Date.now() + STEP_MS;
    for (;;) {
      for (const home of readdirSync(demo.folder, { withFileTypes: true }).filter((one) => one.isDirectory())) {
        const outbox = join(demo.folder, home.name, "outbox");
        for (const file of listed(outbox).filter((name) => name.endsWith(".txt"))) {
          const text = readFileSync(join(outbox, file), "utf8");
          if (fits(text)) return text;
        }
      }
      if (Date.now() > end) throw new Error("no such letter was sent");
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async function signIn(page, role) {
    await page.goto("/sign-in");
    await page.locator("#email").fill(demo.emails[role]);
    await page.locator("#password").fill(demo.password);
    await page.locator("main form.fg-form button[type=submit]").click();
  }

  return {
    address: demo.address,
    key: demo.key,
    visitor,
    barriers,
    signIn,
    letter,
    emails: demo.emails,
    password: demo.password,
    async close() {
      await browser.close();
      await demo.stop();
    },
  };
}
