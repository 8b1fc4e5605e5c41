import { pathToFileURL } from "node:url";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { findProgram } from "./needs.ts";

/** Nothing that a browser does of its own accord may reach out. */
const QUIET = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-default-apps"],
];

export async function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findProgram("chromium") ?? "chromium", args: QUIET });
}

/** A page of a file on the disk, with everything that it said and asked for. */
export interface Opened {
  readonly page: Page;
  /** Console errors and warnings, exceptions, blocked content. */
  readonly said: readonly string[];
  /** Every request but the one for the file itself. */
  readonly requests: readonly string[];
}

/** Opens a file and waits until all of its pictures are drawn. */
export async function openFile(
  browser: Browser,
  file: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const said: string[] = [];
  const requests: string[] = [];
  const url = pathToFileURL(file).href;
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) said.push(message.text());
  });
  page.on("pageerror", (error) => said.push(error.message));
  page.on("request", (request) => {
    if (request.url() !== url) requests.push(request.url());
  });
  page.on("dialog", (dialog) => {
    said.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => undefined);
  });
  await page.goto(url);
  await page.waitForSelector("html[data-ready=yes]", { state: "attached", timeout: 30_000 });
  return { page, said, requests };
}

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly string[];
}

/** What axe finds that is serious or worse. It is run outside the page's content policy, which allows no script. */
export async function seriousFindings(page: Page): Promise<readonly Finding[]> {
  const session = await page.context().newCDPSession(page);
  // An isolated world: the page's own policy holds for the page's scripts alone.
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId: contextId } = await session.send("Page.createIsolatedWorld", {
    frameId: frameTree.frame.id,
    worldName: "axe",
  });
  await session.send("Runtime.evaluate", { contextId, expression: axe.source });
  const { exceptionDetails, result } = await session.send("Runtime.evaluate", {
    ...{ contextId, awaitPromise: true, returnByValue: true },
    expression: `axe.run(document).then(({ violations }) => violations.map(({ id, impact, nodes }) =>
      ({ id, impact, nodes: nodes.map(({ html, failureSummary }) => html + " " + failureSummary) })))`,
  });
  expect(exceptionDetails).toBeUndefined();
  return (result.value as Finding[]).filter(({ impact }) => impact === "serious" || impact === "critical");
}
