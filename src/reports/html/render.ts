import { type Block, type Cell, type Column, MAX_TABLE_ROWS, MAX_TEXT_CHARS } from "./blocks.ts";
import { htmlContent, htmlLines, htmlText } from "./escape.ts";
import type { Picture } from "./pictures.ts";

/** Collects the pictures of a page while it becomes HTML; each stands in the page under its number. */
export class Renderer {
  readonly pictures: Picture[] = [];

  blocks(blocks: readonly Block[], level: number): string {
    return blocks.map((block) => this.#block(block, level)).join("\n");
  }

  #block(block: Block, level: number): string {
    switch (block.kind) {
      case "text":
        return `<p>${htmlLines(cut(block.text))}</p>`;
      case "facts":
        return `<dl>${block.rows.map(([name, value]) => `<div><dt>${htmlText(name)}</dt><dd>${cell(value)}</dd></div>`).join("")}</dl>`;
      case "table":
        return table(block.caption, block.columns, block.rows);
      case "details":
        return `<details${block.anchor === undefined ? "" : ` id="${htmlText(block.anchor)}"`}${block.open === true ? " open" : ""}><summary>${cell(block.summary)}</summary>
${this.blocks(block.blocks, level)}</details>`;
      case "code":
        return code(block.label, block.text);
      case "section": {
        const heading = Math.min(level, 6);
        return `<section><h${heading}>${htmlText(block.title)}</h${heading}>
${this.blocks(block.blocks, level + 1)}</section>`;
      }
      case "picture":
        return this.#picture(block.picture, level);
    }
  }

  #picture(picture: Picture, level: number): string {
    const number = this.pictures.push(picture) - 1;
    const heading = Math.min(level, 6);
    return `<figure data-picture="${number}"><h${heading}>${htmlText(picture.title)}</h${heading}>
<figcaption>${htmlLines(cut(picture.summary))}</figcaption><div class="drawing"></div></figure>`;
  }
}

function code(label: string, text: string): string {
  return `<div class="code"><button type="button" class="copy" aria-label="Copy ${htmlText(label)}">Copy</button>
<pre tabindex="0" role="region" aria-label="${htmlText(label)}"><code>${htmlLines(cut(text))}</code></pre></div>`;
}

function table(caption: string, columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const shown = rows.slice(0, MAX_TABLE_ROWS);
  const classOf = (index: number): string => (columns[index]?.numeric === true ? ' class="number"' : "");
  const head = columns
    .map(({ title }, index) => `<th scope="col"${classOf(index)}>${htmlText(title)}</th>`)
    .join("");
  const body = shown
    .map((row) => `<tr>${row.map((each, index) => `<td${classOf(index)}>${cell(each)}</td>`).join("")}</tr>`)
    .join("\n");
  const rest = rows.length - shown.length;
  const more = rest === 0 ? "" : `<p class="more">${rest} more rows are not shown here</p>`;
  return `<div class="scroll" tabindex="0" role="region" aria-label="${htmlText(caption)}"><table><caption>${htmlText(caption)}</caption>
<thead><tr>${head}</tr></thead><tbody>
${body}</tbody></table></div>${more}`;
}

const MARKS = { pass: "✓", fail: "✗", inconclusive: "?" } as const;

/** Colour never carries the meaning alone: each verdict has its word and its mark. */
function cell(value: Cell): string {
  if (typeof value === "string") return htmlContent(cut(value));
  const { text, verdict } = value;
  return `<span class="verdict ${verdict}"><span aria-hidden="true">${MARKS[verdict]}</span> ${htmlContent(cut(text))}</span>`;
}

function cut(text: string): string {
  if (text.length <= MAX_TEXT_CHARS) return text;
  return `${text.slice(0, MAX_TEXT_CHARS)}… (${(text.length - MAX_TEXT_CHARS).toLocaleString("en-US")} more characters are not shown here)`;
}
