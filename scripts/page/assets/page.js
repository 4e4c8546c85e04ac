// @ts-check
// What the page does beside being read: it shows one part at a time, searches, switches languages, and shows one sample of several.
(() => {
  const root = document.documentElement;
  const words = JSON.parse(root.dataset.words ?? "{}");
  const name = JSON.parse(root.dataset.title ?? "{}");
  /** @type {<E extends Element = HTMLElement>(selector: string, within?: ParentNode) => E[]} */
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  /** @param {string} id */
  const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const language = () => (root.lang === "en" ? "en" : "zh");
  const hidden = () => (root.lang === "en" ? "zh-CN" : "en");
  const sections = all("main > section");
  const input = /** @type {HTMLInputElement} */ (byId("search"));
  const found = byId("found");
  const menu = byId("menu");

  /** What is read of an element in the language that is shown. @param {Node} node @returns {string} */
  function textOf(node) {
    if (node instanceof Element && node.getAttribute("lang") === hidden()) return "";
    if (node.nodeType === Node.TEXT_NODE) return node.nodeValue ?? "";
    return Array.from(node.childNodes, textOf).join(
      node instanceof HTMLElement && /^(P|DIV|LI|UL|OL|TR|TD|TH|H\d)$/.test(node.tagName) ? " " : "",
    );
  }

  /** @param {string} text */
  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }

  /** @param {string} key @param {string} value */
  function keep(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch {
      // Where storage is blocked, it is not remembered.
    }
  }

  // One part at a time. Others are found by the browser's own search, where it looks into what is hidden.
  /** @type {HTMLElement | undefined} */
  let shown;
  function show() {
    const id = location.hash.slice(1);
    const target = id === "" ? sections[0] : (document.getElementById(id) ?? document.getElementById(decoded(id)));
    const section = sections.find((each) => target !== null && each.contains(target ?? null)) ?? sections[0];
    if (section === undefined) return;
    for (const each of sections) {
      if (each === section) each.removeAttribute("hidden");
      else each.setAttribute("hidden", "until-found");
    }
    highlight(section);
    for (const link of all("a", menu)) {
      const isHere = link.getAttribute("href") === `#${section.id}`;
      if (isHere) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
      if (isHere && section !== shown) link.scrollIntoView({ block: "nearest" });
    }
    shown = section;
    for (const fold of target ? all("details", section).filter((each) => each.contains(target)) : [])
      fold.setAttribute("open", "");
    if (target && target !== section) target.scrollIntoView();
    else scrollTo(0, 0);
    retitle();
  }
  function retitle() {
    const heading = shown && all("h1", shown)[0];
    const own = name[language()] ?? "";
    const here = heading ? textOf(heading).trim() : "";
    document.title = here && here !== own ? `${here} · ${own}` : own;
  }
  for (const section of sections)
    section.addEventListener("beforematch", () => {
      location.hash = section.id;
    });
  addEventListener("hashchange", () => {
    closeMenu();
    show();
    all("main")[0]?.focus({ preventScroll: true });
  });

  const RULES = {
    ts: /(?<c>\/\/[^\n]*)|(?<s>"(?:[^"\\]|\\.)*")|\b(?<k>import|from|export|const|await|async|function|return|if|new|type)\b|\b(?<n>\d[\d.]*|true|false|null)\b/g,
    sh: /(?<c>(?<=^|\n)#[^\n]*)|(?<s>'[^']*'|"(?:[^"\\]|\\.)*")|\b(?<k>curl|openssl|printf|source|date|encrypt|cat)\b/g,
    json: /(?<k>"(?:[^"\\]|\\.)*"(?=:))|(?<s>"(?:[^"\\]|\\.)*")|\b(?<n>-?\d[\d.]*|true|false|null)\b/g,
  };
  /** Colours code when it is first shown. @param {Element} section */
  function highlight(section) {
    for (const code of all("pre > code[class]", section)) {
      const [, kind = ""] = /^language-(\w+)$/.exec(code.className) ?? [];
      code.removeAttribute("class");
      const rule = /** @type {Record<string, RegExp>} */ (RULES)[kind === "typescript" ? "ts" : kind];
      if (rule === undefined) continue;
      const text = code.textContent ?? "";
      const pieces = [];
      let end = 0;
      for (const match of text.matchAll(rule)) {
        const [group = ""] = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined) ?? [];
        const mark = document.createElement("span");
        mark.className = group;
        mark.textContent = match[0];
        pieces.push(text.slice(end, match.index), mark);
        end = match.index + match[0].length;
      }
      code.replaceChildren(...pieces, text.slice(end));
    }
  }

  // Samples: the form is the reader's, the example is the operation's.
  const FORM = "wechatpay-docs-form";
  let form = "";
  try {
    form = localStorage.getItem(FORM) ?? "";
  } catch {
    // Where storage is blocked.
  }
  /** @param {Element} panel @param {string} [example] */
  function choose(panel, example) {
    const forms = all(".pick:not(.examples) button", panel).map((button) => button.dataset.form ?? "");
    const chosen = forms.includes(form) ? form : forms[0];
    const number = example ?? all(".examples [aria-pressed=true]", panel)[0]?.dataset.example ?? "0";
    for (const button of all(".pick button", panel)) {
      const isChosen = "form" in button.dataset ? button.dataset.form === chosen : button.dataset.example === number;
      button.setAttribute("aria-pressed", String(isChosen));
    }
    for (const sample of all(".sample", panel)) {
      sample.hidden = sample.dataset.example !== number;
      for (const view of all("[data-form]", sample)) view.hidden = chosen !== undefined && view.dataset.form !== chosen;
    }
  }
  for (const panel of all(".panel")) choose(panel);

  // Served by the sandbox, the page knows where to send its examples.
  if (location.pathname === "/console/docs") for (const link of all("a.send")) link.hidden = false;

  const canCopy = navigator.clipboard !== undefined;
  for (const view of canCopy ? all("pre") : []) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    view.before(button);
    const place = document.createElement("div");
    place.className = "view";
    const lang = view.getAttribute("lang");
    if (lang !== null) place.lang = lang;
    view.removeAttribute("lang");
    button.before(place);
    place.append(button, view);
  }

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button === null) return;
    if (button.dataset.language !== undefined) speak(button.dataset.language);
    else if (button.id === "menu-button") toggleMenu();
    else if (button.dataset.form !== undefined) {
      form = button.dataset.form;
      keep(FORM, form);
      for (const panel of all(".panel")) choose(panel);
    } else if (button.dataset.example !== undefined) {
      const panel = button.closest(".panel");
      if (panel !== null) choose(panel, button.dataset.example);
    } else if (button.className === "copy") {
      const code = button.nextElementSibling?.textContent ?? "";
      void navigator.clipboard.writeText(code).then(() => {
        button.textContent = words.copied[language()];
        setTimeout(() => label(button), 1500);
      });
    }
  });

  // Languages: the same part, in the same place.
  /** @param {string} to */
  function speak(to) {
    root.lang = to;
    keep("wechatpay-sandbox-language", language());
    const address = new URL(location.href);
    if (address.searchParams.has("lang")) {
      address.searchParams.set("lang", language());
      history.replaceState(null, "", address);
    }
    translate();
    search();
  }
  /** @param {Element} button */
  const label = (button) => {
    button.textContent = words.copy[language()];
  };
  function translate() {
    input.placeholder = `${words.search[language()]}  ( / )`;
    input.setAttribute("aria-label", words.search[language()]);
    for (const button of all(".copy")) label(button);
    for (const button of all("#languages button"))
      button.setAttribute("aria-pressed", String(button.dataset.language === root.lang));
    retitle();
  }

  // Search: every word somewhere in a part, in either language; names and titles come first.
  /** @type {{ id: string, title: string, text: string, section: HTMLElement }[] | undefined} */
  let index;
  /** @param {string} query */
  function matches(query) {
    index ??= sections.map((section) => ({
      id: section.id,
      title: `${section.id} ${all("header, h1", section)[0]?.textContent ?? ""}`.toLowerCase(),
      text: (section.textContent ?? "").toLowerCase(),
      section,
    }));
    const asked = query.toLowerCase().split(/\s+/).filter(Boolean);
    return index
      .map(({ title, text, section }, order) => {
        const scores = asked.map((word) => {
          if (title.includes(word)) return 1000 + (title.match(new RegExp(`(^|[^a-z])${literal(word)}`)) ? 500 : 0);
          return Math.min(text.split(word).length - 1, 99);
        });
        return { section, order, score: scores.includes(0) ? 0 : scores.reduce((sum, each) => sum + each, 0) };
      })
      .filter(({ score }) => score > 0)
      .sort((one, other) => other.score - one.score || one.order - other.order)
      .slice(0, 30);
  }
  /** @param {string} text */
  const literal = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

  function search() {
    const query = input.value.trim();
    found.hidden = query === "";
    menu.hidden = query !== "";
    if (query === "") return;
    const [first = ""] = query.toLowerCase().split(/\s+/);
    const items = matches(query).map(({ section }) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = `#${section.id}`;
      const heading = document.createElement("b");
      heading.textContent = textOf(all("h1", section)[0] ?? section).trim();
      link.append(heading);
      const text = textOf(section).replaceAll(/\s+/g, " ");
      const at = text.toLowerCase().indexOf(first);
      if (at >= 0) {
        const about = document.createElement("small");
        const mark = document.createElement("mark");
        mark.textContent = text.slice(at, at + first.length);
        const start = Math.max(0, at - 30);
        about.append(start > 0 ? "…" : "", text.slice(start, at), mark, text.slice(at + first.length, at + 60), "…");
        link.append(about);
      }
      item.append(link);
      return item;
    });
    if (items.length === 0) {
      const item = document.createElement("li");
      item.textContent = words.nothing[language()];
      items.push(item);
    }
    found.replaceChildren(...items);
  }
  input.addEventListener("input", search);
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof HTMLInputElement;
    if ((event.key === "/" && !isTyping) || (event.key === "k" && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      if (getComputedStyle(byId("menu-button")).display !== "none") toggleMenu(true);
      input.focus();
      input.select();
    } else if (event.key === "Escape" && isTyping) {
      input.value = "";
      search();
    } else if (event.key === "Enter" && event.target === input) {
      const [link] = all("a", found);
      link?.click();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !found.hidden) {
      const stops = [input, ...all("a", found)];
      const here = stops.indexOf(/** @type {HTMLElement} */ (document.activeElement));
      const next = stops[here + (event.key === "ArrowDown" ? 1 : -1)];
      if (here < 0 || next === undefined) return;
      event.preventDefault();
      next.focus();
    }
  });

  /** On a narrow screen. @param {boolean} [open] */
  function toggleMenu(open = !root.classList.contains("menu")) {
    root.classList.toggle("menu", open);
    byId("menu-button").setAttribute("aria-expanded", String(open));
  }
  const closeMenu = () => toggleMenu(false);

  translate();
  show();
})();
