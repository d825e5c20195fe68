// Writes views/ui/icons.templ from lucide-static: only the icons named here, each as one component.
import { readFileSync, writeFileSync } from "node:fs";

const names = `arrow-down arrow-up ban bell-off building-2 check chevron-left
chevron-right circle-alert circle-check circle-pause circle-question-mark circle-x clock copy download ellipsis-vertical
external-link eye git-compare history hourglass info key-round layout-dashboard link list-filter
loader lock log-out menu monitor moon octagon-alert pencil play plug plus refresh-cw rotate-ccw save scroll-text search send
settings shield-check skip-forward sparkles sun trash-2 triangle-alert upload user users variable x`.split(/\s+/);

const root = new URL("../../", import.meta.url);
const go = (name) => "Icon" + name.split("-").map((w) => w[0].toUpperCase() + w.slice(1)).join("");
let out = "// Written by static/src/icons.mjs from lucide-static 1.62.0 (ISC licence); do not edit.\npackage ui\n";
for (const name of names) {
  const svg = readFileSync(new URL(`node_modules/lucide-static/icons/${name}.svg`, root), "utf8");
  const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  const lines = inner.split("\n").map((l) => l.trim()).filter(Boolean).map((l) => "\t\t" + l);
  out += `\n// ${go(name)} is the icon "${name}", without a name of its own for screen readers.\n`;
  out += `templ ${go(name)}() {\n\t<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" `;
  out += `stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">\n${lines.join("\n")}\n\t</svg>\n}\n`;
}
writeFileSync(new URL("views/ui/icons.templ", root), out);
