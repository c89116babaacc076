// What is wrong with a page as it stands: accessibility (WCAG 2.2 AA), overflow, words that were never written.

import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Violations of WCAG 2.2 AA, one line each. `rules` narrows to what a change of colours can break. */
export async function accessibility(page, rules) {
  // A page that did not bring it (see `walk`) gets it through the debugger, which its Content-Security-Policy does not bind.
  if (!(await page.evaluate("typeof axe === 'object'"))) await page.evaluate(axe);
  const violations = await page.evaluate(
    async ({ tags, rules }) => {
      const runOnly = rules ? { type: "rule", values: rules } : { type: "tag", values: tags };
      const found = await axe.run(document, { runOnly, resultTypes: ["violations"] });
      return found.violations.flatMap((violation) =>
        violation.nodes.slice(0, 5).map((node) => `${violation.id} (${violation.impact}): ${node.target.join(" ")}: ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? violation.help}`),
      );
    },
    { tags: TAGS, rules },
  );
  return violations;
}

/** What sticks out of the window to the right; a scrolling container may. */
export function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const inScroller = (element) => {
      for (let up = element.parentElement; up && up !== document.body; up = up.parentElement) {
        if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(up).overflowX)) return true;
      }
      return false;
    };
    const out = [...document.body.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > width + 0.5 && !inScroller(element));
    // The innermost ones are the cause.
    const inner = out.filter((element) => !out.some((other) => other !== element && element.contains(other)));
    const name = (element) => `${element.tagName.toLowerCase()}.${[...element.classList].join(".")} "${(element.textContent ?? "").trim().slice(0, 30)}"`;
    return inner.slice(0, 4).map((element) => `overflow: ${name(element)} reaches ${Math.round(element.getBoundingClientRect().right)} of ${width} px`).concat(inner.length ? [] : [`overflow: the page is ${document.documentElement.scrollWidth} px wide in ${width}`]);
  });
}

/** What a page is made of: each element with its classes and the attributes that say what it is, inside its two parents. */
export function parts(page) {
  return page.evaluate(() => {
    const said = new Map();
    const say = (element) => {
      if (!said.has(element)) {
        const attributes = element.getAttributeNames().filter((name) => /^(role|type|style|disabled|open|hidden|required|aria-.*)$/.test(name));
        const valued = attributes.map((name) => (/^(role|type)$|^aria-(current|pressed|checked|selected|expanded|invalid)$/.test(name) ? `${name}=${element.getAttribute(name)}` : name));
        said.set(element, [element.tagName, ...[...element.classList].sort(), ...valued.sort()].join("."));
      }
      return said.get(element);
    };
    const up = (element) => (element.parentElement ? say(element.parentElement) : "");
    const all = [...document.body.querySelectorAll("*")].map((element) => `${element.parentElement ? up(element.parentElement) : ""}>${up(element)}>${say(element)}`);
    return [...new Set(all)];
  });
}

let keys;

/** Language keys that show as themselves because their words are missing. */
export async function bareKeys(page) {
  keys ??= new Set(languageFiles().flatMap((file) => [...readFileSync(file, "utf8").matchAll(/^([a-zA-Z][\w-]*)\s*=/gm)].map((match) => match[1])));
  const groups = new Set([...keys].filter((key) => key.includes("-")).map((key) => key.split("-")[0]));
  const shown = await page.evaluate(() => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = new Set();
    while (walk.nextNode()) {
      const text = walk.currentNode.textContent.trim();
      if (/^[a-z][a-z0-9]*(-[a-z0-9_]+)+$/.test(text)) texts.add(text);
    }
    return [...texts];
  });
  return shown.filter((text) => groups.has(text.split("-")[0])).map((text) => `the key ${text} shows as itself`);
}

function languageFiles() {
  const find = (folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === "node_modules" || entry.name === "target" ? [] : find(path);
      return path.endsWith("zh-CN.ftl") ? [path] : [];
    });
  return find(join(root, "crates"));
}
