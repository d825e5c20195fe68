// What scripts add to pages that work without them. Everything binds by data- attributes and by delegation, so
// that swapped regions need no set-up of their own.
(() => {
  "use strict";
  const root = document.documentElement;
  root.dataset.scripts = "on";

  // Times: the server writes UTC, people read their own zone.
  const clock = { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  const near = new Intl.DateTimeFormat(undefined, clock);
  const far = new Intl.DateTimeFormat(undefined, { ...clock, year: "numeric" });
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
  const localise = (within) => {
    for (const el of within.querySelectorAll("time[data-local]")) {
      const at = new Date(el.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      el.title = full.format(at) + "\n" + el.textContent;
      el.textContent = (at.getFullYear() === new Date().getFullYear() ? near : far).format(at);
      el.removeAttribute("data-local");
    }
  };

  // Messages that show once leave by themselves, unless they tell of trouble.
  const leave = (toast) => {
    toast.classList.add("leaving");
    setTimeout(() => toast.remove(), 250);
  };
  const startToasts = (within) => {
    for (const toast of within.querySelectorAll("[data-toast]:not([data-started])")) {
      toast.dataset.started = "yes";
      if (!toast.classList.contains("notice-bad")) setTimeout(() => leave(toast), 6000);
    }
  };

  // The dialog of the shell opens when something was put into it, and gives focus back when it closes.
  const dialog = () => document.getElementById("dialog");
  const openDialog = () => {
    const d = dialog();
    if (d && d.childElementCount > 0 && !d.open) d.showModal();
  };

  const start = (within) => {
    localise(within);
    startToasts(within);
    const focus = within.querySelector("[data-focus]");
    if (focus) focus.focus();
  };

  // Where a clicked token goes: the field that was focused last, also after a swap put a new one in its place.
  let lastField = null;
  document.addEventListener("focusin", (e) => {
    if (e.target.matches("input[type=text], input:not([type]), input[type=url], textarea")) lastField = e.target;
  });
  const last = (form) => {
    const field = lastField?.isConnected ? lastField : lastField?.id && document.getElementById(lastField.id);
    return field && field.form === form ? field : null;
  };

  // Leaving a form with unsaved edits asks first. Search and filter forms hold nothing to lose.
  const guarded = "main.main form.form[method=post]";
  let unsaved = Boolean(document.querySelector(guarded + " [data-unsaved]"));
  const rowButton = (b) => b?.name === "op" && !/^(save|test|preview|change|tab:)/.test(b.value);
  document.addEventListener("input", (e) => {
    if (e.target.closest(guarded) && !e.target.name?.startsWith("test.")) unsaved = true;
  });
  document.addEventListener("submit", (e) => { if (!e.defaultPrevented && e.target.matches(guarded)) unsaved = false; });
  window.addEventListener("beforeunload", (e) => { if (unsaved) e.preventDefault(); });

  // A page that htmx put in the place of another starts at its top, with the focus on its content, and its
  // messages are put in again so that screen readers say them.
  const arrive = (moved) => {
    unsaved = Boolean(document.querySelector(guarded + " [data-unsaved]"));
    if (moved) window.scrollTo({ top: 0, behavior: "instant" });
    if (document.activeElement === document.body) document.getElementById("content")?.focus({ preventScroll: true });
    const toasts = document.getElementById("toasts");
    const notes = [...(toasts?.children ?? [])];
    toasts?.replaceChildren();
    setTimeout(() => { toasts?.append(...notes); startToasts(document); }, 60);
  };

  const copy = async (button) => {
    const from = document.getElementById(button.dataset.copy);
    if (!from) return;
    await navigator.clipboard.writeText("value" in from ? from.value : from.textContent);
    const word = button.querySelector("[data-copy-word]");
    if (!word) return;
    word.textContent = "Copied";
    setTimeout(() => { word.textContent = "Copy"; }, 1600);
  };

  const insert = (button) => {
    const form = button.closest("form");
    const into = last(form) ?? document.querySelector(button.dataset.insert || "textarea");
    if (!into || into.disabled) return;
    into.setRangeText(button.dataset.text, into.selectionStart ?? into.value.length, into.selectionEnd ?? into.value.length, "end");
    into.focus();
    into.dispatchEvent(new Event("input", { bubbles: true }));
    into.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const setTheme = (button) => {
    const theme = button.value;
    if (theme) root.dataset.theme = theme; else delete root.dataset.theme;
    for (const b of document.querySelectorAll("[data-theme-choice]")) b.setAttribute("aria-pressed", String(b.value === theme));
    const path = root.dataset.root + "/";
    document.cookie = `tieline_theme=${theme}; path=${path}; max-age=${theme ? 31536000 : 0}; samesite=lax`;
  };

  document.addEventListener("click", (e) => {
    const t = e.target instanceof Element ? e.target : null;
    if (!t) return;
    const hit = (selector) => t.closest(selector);
    let el;
    if ((el = hit("[data-copy]"))) copy(el);
    else if (hit("[data-drop]")) unsaved = false; // dropping one's edits was what was asked for
    else if ((el = hit("[data-dismiss]"))) leave(el.closest("[data-toast]"));
    else if ((el = hit("[data-text]"))) insert(el);
    else if ((el = hit("[data-theme-choice]"))) { e.preventDefault(); setTheme(el); }
    else if ((el = hit("[data-close-dialog]"))) { e.preventDefault(); dialog().close(); }
    else if (t === dialog()) t.close(); // the backdrop
    else if ((el = hit("[data-check-all]"))) {
      for (const box of document.querySelectorAll(`input[name="${el.dataset.checkAll}"]`)) box.checked = el.checked;
    }
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(t) || hit(".menu-list")) menu.open = false;
    }
  });

  document.addEventListener("keydown", (e) => {
    if (e.key === "Escape") {
      for (const menu of document.querySelectorAll("details[data-menu][open]")) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    }
    const tab = e.target instanceof Element ? e.target.closest("[data-tabs] [role=tab]") : null;
    if (tab && (e.key === "ArrowRight" || e.key === "ArrowLeft")) {
      const tabs = [...tab.closest("[data-tabs]").querySelectorAll("[role=tab]")];
      tabs[(tabs.indexOf(tab) + (e.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length].focus();
      e.preventDefault();
    }
  });

  document.addEventListener("change", (e) => {
    const t = e.target;
    if (t.matches("[data-submit]")) t.form.requestSubmit();
  });

  document.addEventListener("close", (e) => { if (e.target === dialog()) e.target.replaceChildren(); }, true);
  document.addEventListener("htmx:before:swap", (e) => { if (e.detail.ctx.target === document.body) unsaved = false; });
  let from = location.pathname;
  document.addEventListener("htmx:after:swap", (e) => {
    const { target, request } = e.detail.ctx;
    if (rowButton(request.submitter)) unsaved = true;
    start(document);
    openDialog();
    if (target === document.body) arrive(location.pathname !== from);
    else if (target?.id === "test-result") document.getElementById("test-result")?.scrollIntoView({ block: "nearest" });
    from = location.pathname;
  });
  start(document);
})();
