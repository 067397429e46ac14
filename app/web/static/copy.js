// Puts a copy button beside every command on the page.
"use strict";

const said = document.createElement("p");
said.className = "skip";
said.setAttribute("role", "status");
document.body.append(said);

async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Without https the clipboard is out of reach: copy from a field instead.
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("the browser did not copy");
}

for (const box of document.querySelectorAll(".command")) {
  const text = box.querySelector("code").textContent;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy: ${box.querySelector("pre").getAttribute("aria-label")}`);
  button.addEventListener("click", async () => {
    let outcome = "Copied";
    try {
      await copy(text);
    } catch {
      outcome = "Select it by hand";
    }
    button.textContent = outcome;
    said.textContent = outcome;
    setTimeout(() => { button.textContent = "Copy"; said.textContent = ""; }, 2000);
  });
  box.append(button);
}
