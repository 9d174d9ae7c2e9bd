// Copy buttons: shown only where copying works; what is copied has no spaces between groups.
"use strict";

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const words = button.querySelector(".copy__text");
      const before = words.textContent;
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        words.textContent = "已复制";
      } catch {
        words.textContent = "复制失败，请手动选择";
      }
      setTimeout(() => {
        words.textContent = before;
      }, 2000);
    });
  }
}
