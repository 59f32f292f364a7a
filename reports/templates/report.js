"use strict";
for (const figure of document.querySelectorAll(".command")) {
  const button = document.createElement("button");
  const pre = figure.querySelector("pre");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy: " + pre.getAttribute("aria-label"));
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(pre.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(pre);
      button.textContent = "Ctrl+C";
    }
  });
  figure.append(button);
}
const search = document.getElementById("search");
const rows = [...document.querySelectorAll("#table tbody tr")].map(row => [row, row.textContent.toLowerCase()]);
search.parentElement.hidden = false;
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const [row, text] of rows) {
    row.hidden = !words.every(word => text.includes(word));
    found += !row.hidden;
  }
  document.getElementById("found").textContent = words.length ? found + " found" : "";
});
addEventListener("beforeprint", () => document.querySelectorAll(".finding details").forEach(fold => { fold.open = true; }));
