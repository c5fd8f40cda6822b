// The house that the stories walk through: the program's own demo on free ports, and one browser.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
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
];

/** WCAG 2.2, levels A and AA, and what axe-core calls good practice. */
const WCAG_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const GOOD_PRACTICE_RULES = ["best-practice"];
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Starts the demo and resolves with what it greets with: address, key and the accounts that may sign in. */
async function startDemo() {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("FAIRGROUND_") || name.startsWith("FAIRGROUND_TEST_")),
  );
  const program = spawn(process.env.FAIRGROUND_TEST_BIN, ["demo", "--listen", "127.0.0.1:0"], {
    env: { ...environment, FAIRGROUND_LOG: "warn" },
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
    async stop() {
      program.kill("SIGTERM");
      const overdue = setTimeout(() => program.kill("SIGKILL"), STOP_MS);
      const how = await ended;
      clearTimeout(overdue);
      assert.equal(how, 0, `the demo should stop when it is asked to, but ended with ${how}:\n${logged}`);
    },
  };
}

/** Opens demo and browser. */
export async function openHouse() {
  const demo = await startDemo();
  const browser = await chromium.launch({
    executablePath: process.env.FAIRGROUND_TEST_CHROMIUM,
    headless: true,
    args: CHROMIUM_FLAGS,
  });

  /**
   * A visitor with a browser profile of their own. Whatever their pages say to the console, break, or ask of other hosts
   * stands in `faults`.
   */
  async function visitor({ width = 1440, colorScheme = "light", javaScript = true } = {}) {
    const context = await browser.newContext({
      baseURL: demo.address,
      viewport: { width, height: 900 },
      colorScheme,
      javaScriptEnabled: javaScript,
      reducedMotion: "reduce",
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
      if (["error", "warning"].includes(line.type())) faults.push(`console at ${page.url()}: ${line.text()}`);
    });
    return { page, context, faults, leave: () => context.close() };
  }

  /**
   * What axe-core finds on the page, one line for each fault. At `/docs` Swagger UI draws the operations and sets the
   * landmarks; it is not ours and has barriers of its own, so there the page around it is held to WCAG alone.
   */
  async function barriers(page) {
    await page.evaluate(axeSource);
    const found = await page.evaluate(([wcag, goodPractice]) => {
      const isDrawnByOthers = document.querySelector("#api-docs") !== null;
      return window.axe.run({ exclude: ["#api-docs"] }, { runOnly: isDrawnByOthers ? wcag : [...wcag, ...goodPractice] });
    }, [WCAG_RULES, GOOD_PRACTICE_RULES]);
    return found.violations.flatMap((rule) =>
      rule.nodes.map((node) => `${rule.id} (${rule.impact}): ${node.target.join(" ")}: ${node.failureSummary.replace(/\s+/g, " ")}`),
    );
  }

  async function signIn(page, role) {
    await page.goto("/sign-in");
    await page.getByLabel("E-mail address").fill(demo.emails[role]);
    await page.getByLabel("Password").fill(demo.password);
    await page.getByRole("button", { name: "Sign in" }).click();
  }

  return {
    address: demo.address,
    key: demo.key,
    visitor,
    barriers,
    signIn,
    async close() {
      await browser.close();
      await demo.stop();
    },
  };
}
