// Countdowns: the plain time stays readable; the rest of it is added behind, by the server's clock
// as far as the page knows it (data-now on <html>), so that a wrong clock at home does not mislead.
"use strict";

{
  const nodes = document.querySelectorAll("time[data-countdown]");
  const served = Date.parse(document.documentElement.dataset.now || "");
  const drift = Number.isNaN(served) ? 0 : served - Date.now();

  const words = (seconds) => {
    if (seconds <= 0) return "时间已到";
    const days = Math.floor(seconds / 86400);
    const hours = Math.floor((seconds % 86400) / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    if (days > 0) return `还有 ${days} 天 ${hours} 小时`;
    if (hours > 0) return `还有 ${hours} 小时 ${minutes} 分`;
    return `还有 ${minutes} 分 ${Math.floor(seconds % 60)} 秒`;
  };

  for (const node of nodes) {
    const rest = document.createElement("span");
    rest.className = "countdown__rest";
    node.after(" ", rest);
    const until = Date.parse(node.dateTime);
    const show = () => {
      const text = words((until - Date.now() - drift) / 1000);
      if (rest.textContent !== text) rest.textContent = text;
    };
    show();
    setInterval(show, 1000);
  }
}
