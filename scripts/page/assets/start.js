// Before anything is shown: the language, as the address, the last visit or the browser has it. The sandbox's console keeps it as well.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  if (!("bilingual" in root.dataset)) return;
  let stored = null;
  try {
    stored = localStorage.getItem("wechatpay-sandbox-language");
  } catch {
    // Where storage is blocked.
  }
  const asked = new URLSearchParams(location.search).get("lang");
  root.lang = /^zh/i.test(asked ?? stored ?? navigator.language) ? "zh-CN" : "en";
})();
