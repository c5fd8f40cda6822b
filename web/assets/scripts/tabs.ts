// Sections become tabs (WAI-ARIA Authoring Practices, "Tabs" with automatic activation). Without this they stand below each
// other, and the list of tabs leads to them. Tabs may stand within a tab.

interface Tab {
  readonly link: HTMLAnchorElement;
  readonly panel: HTMLElement;
}

/** Turns the group's list of links into tabs over the sections that they lead to. */
export function addTabs(group: HTMLElement): void {
  const nav = group.querySelector<HTMLElement>(":scope > nav");
  const list = nav?.querySelector("ul");
  if (!nav || !list) return;
  const tabs: Tab[] = [];
  for (const link of list.querySelectorAll<HTMLAnchorElement>('a[href^="#"]')) {
    const panel = document.getElementById(link.hash.slice(1));
    if (panel) tabs.push({ link, panel });
  }
  if (tabs.length < 2) return;

  const open = (wanted: Tab) => {
    for (const { link, panel } of tabs) {
      const isOpen = panel === wanted.panel;
      link.setAttribute("aria-selected", String(isOpen));
      link.tabIndex = isOpen ? 0 : -1;
      panel.hidden = !isOpen;
    }
  };
  const visit = (tab: Tab) => {
    open(tab);
    // The address names the tab, so that it can be passed on; the way back leads out of the page, not through its tabs.
    history.replaceState(history.state, "", tab.link.hash);
  };

  // The list is the widget now, and no landmark.
  nav.removeAttribute("aria-label");
  nav.setAttribute("role", "presentation");
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", nav.dataset["label"] ?? group.dataset["tabs"] ?? "");
  group.classList.add("fg-tabbed");
  for (const { link, panel } of tabs) {
    link.parentElement?.setAttribute("role", "presentation");
    link.id = `tab-${panel.id}`;
    link.setAttribute("role", "tab");
    link.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", link.id);
  }
  list.addEventListener("click", (event) => {
    const tab = tabs.find(({ link }) => link.contains(event.target as Node));
    if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    visit(tab);
  });
  list.addEventListener("keydown", (event) => {
    const at = tabs.findIndex(({ link }) => link === document.activeElement);
    if (at < 0) return;
    const places: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 };
    const place = places[event.key];
    const tab = place === undefined ? undefined : tabs[(place + tabs.length) % tabs.length];
    if (!tab) return;
    event.preventDefault();
    visit(tab);
    tab.link.focus();
  });

  /** Opens the tab that holds what the address names, and shows it. */
  const follow = (): boolean => {
    const named = location.hash ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    const tab = named && tabs.find(({ panel }) => panel === named || panel.contains(named));
    if (!tab) return false;
    open(tab);
    if (named !== tab.panel) named.scrollIntoView();
    return true;
  };
  addEventListener("hashchange", () => {
    if (follow()) {
      const top = group.getBoundingClientRect().top;
      if (top < 0 || top > innerHeight) group.scrollIntoView();
    }
  });
  const first = tabs[0];
  if (!follow() && first) open(first);
}
