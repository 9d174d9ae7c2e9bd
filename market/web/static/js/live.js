// The live page asks every two seconds whether something new has been computed, and then shows it.
// Nothing is animated: what appears is what the server has. Without script there is a refresh link.
"use strict";

{
  const page = document.querySelector("[data-live]");
  const until = page.querySelector("[data-live-until]");
  const rest = document.createElement("strong");
  rest.className = "live__rest";
  if (until) until.after(" ", rest);
  const served = Date.parse(document.documentElement.dataset.now || "");
  const drift = Number.isNaN(served) ? 0 : served - Date.now();

  const tick = () => {
    if (!until || !until.dateTime) return;
    const seconds = Math.max(0, Math.ceil((Date.parse(until.dateTime) - Date.now() - drift) / 1000));
    const hours = Math.floor(seconds / 3600);
    const two = (number) => String(number).padStart(2, "0");
    const text = `${hours > 0 ? `${hours}:` : ""}${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
    if (rest.textContent !== text) rest.textContent = text;
  };

  const show = (fresh) => {
    page.dataset.version = fresh.version;
    page.querySelector("[data-live-state]").textContent = fresh.state;
    page.querySelector("[data-live-next]").textContent = fresh.next_text;
    if (until) {
      until.dateTime = fresh.next_at;
      until.textContent = fresh.next_at_text;
      rest.textContent = "";
    }
    const parsed = new DOMParser().parseFromString(fresh.body, "text/html");
    page.querySelector("[data-live-body]").replaceWith(parsed.querySelector("[data-live-body]"));
  };

  const ask = async () => {
    const note = page.querySelector("[data-live-note]");
    let pause = 2000;
    try {
      const answer = await fetch(page.dataset.live, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = await answer.json();
      if (fresh.version !== page.dataset.version) show(fresh);
      note.textContent = "本页自动更新，只显示已经算出的内容。";
      if (fresh.is_over) return;
    } catch {
      note.textContent = "连接中断，正在重试；也可以手动刷新。";
      pause = 5000;
    }
    setTimeout(ask, pause);
  };

  tick();
  setInterval(tick, 500);
  setTimeout(ask, 1000);
}
