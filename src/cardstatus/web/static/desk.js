"use strict";
// "/" leads to the box, unless something is being typed or chosen.
document.addEventListener("keydown", (event) => {
  const box = document.getElementById("q");
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing) return;
  event.preventDefault();
  box.focus();
  box.select();
});
// What was asked for stays, and typing replaces it.
const asked = document.getElementById("q");
asked.addEventListener("focus", () => asked.select(), { once: true });
if (document.activeElement === asked) asked.select();
