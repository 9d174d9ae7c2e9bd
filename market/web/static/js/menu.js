// Filters start closed where they would fill the first screen; without script they are an open list.
"use strict";

if (
  window.matchMedia("(max-width: 899px)").matches ||
  document.documentElement.classList.contains("care")
) {
  for (const panel of document.querySelectorAll("details[data-narrow-closed]")) {
    panel.open = false;
  }
}
