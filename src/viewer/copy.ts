import { announce } from "./canvas.ts";

/** Buttons that copy the text beside them. A page that was opened from disk may have no clipboard: it is selected then. */
export function copyButtons(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button.copy")) {
    const code = button.parentElement?.querySelector("code");
    if (code === null || code === undefined) continue;
    button.addEventListener("click", () => {
      copy(button, code).catch(() => undefined);
    });
  }
}

async function copy(button: HTMLButtonElement, code: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
    announce("copied");
  } catch {
    getSelection()?.selectAllChildren(code);
    button.textContent = "Selected";
    announce("selected; press the keys that copy");
  }
}
