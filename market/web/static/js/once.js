// A double press sends a form once: the pressed button is locked until the page is shown again.
"use strict";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent === "yes") {
    event.preventDefault();
    return;
  }
  if (!form.querySelector("[data-once]")) return;
  form.dataset.sent = "yes";
  // After the browser has read the pressed button's name and value.
  setTimeout(() => {
    for (const button of form.querySelectorAll("[data-once]")) {
      button.setAttribute("aria-disabled", "true");
    }
  }, 0);
});

window.addEventListener("pageshow", () => {
  for (const form of document.forms) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[data-once]")) {
      button.removeAttribute("aria-disabled");
    }
  }
});
