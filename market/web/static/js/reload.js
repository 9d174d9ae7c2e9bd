// Looks again after some seconds while something outside is awaited. Without script there is a link.
const seconds = Number(document.currentScript.dataset.seconds) || 3;
setTimeout(() => window.location.reload(), seconds * 1000);
