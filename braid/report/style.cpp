// The style of all pages. Line colours: Okabe, Ito 2008 (told apart by colour-blind eyes),
// lightened on dark ground. Holds none of < & ]]>, so that it reads the same as HTML and as XML.
#include "braid/report/page.h"

namespace braid {

const std::string_view kPageStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #1c2330; --soft: #5c6675; --line: #dfe3e9;
  --accent: #1f5fa8; --true: #0b7a53; --true-soft: #e2f3ec; --band: #c9dcf2; --alarm: #b3400f;
  --s0: #0072b2; --s1: #d55e00; --s2: #009e73; --s3: #b8578f; --s4: #c98a00; --s5: #3b9dd6;
  --s6: #4a4f57;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #12161c; --card: #1a2028; --ink: #e4e8ee; --soft: #99a3b2; --line: #2d3642;
    --accent: #7db4f0; --true: #58c79b; --true-soft: #163328; --band: #2c4a6d; --alarm: #f59a6a;
    --s0: #58b0ea; --s1: #f08a45; --s2: #35c79c; --s3: #e08dbd; --s4: #e6b23c; --s5: #93d0f5;
    --s6: #b9c0ca;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink); line-height: 1.5; font-size: 15px;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC",
    "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC",
    "WenQuanYi Micro Hei", sans-serif;
}
main { max-width: 1040px; margin: 0 auto; padding: 28px 20px 48px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 36px 0 12px; }
h3 { font-size: 15px; margin: 18px 0 8px; font-weight: 600; }
p { margin: 0 0 12px; }
.soft, footer { color: var(--soft); font-size: 13px; }
nav { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 8px 0 20px; font-size: 14px; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
div.card { overflow-x: auto; }
dl.facts {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 14px 24px;
  margin: 0; padding: 16px 18px;
}
dl.facts dt { color: var(--soft); font-size: 12.5px; }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
.tiles {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px;
  margin: 0 0 16px;
}
.tile { padding: 12px 16px; }
.tile b { display: block; font-size: 25px; line-height: 1.25; font-weight: 600; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 8px 12px; }
tr + tr, thead + tbody tr { border-top: 1px solid var(--line); }
th { font-weight: 600; font-size: 13px; }
thead th { color: var(--soft); font-weight: 500; }
td small, th small { display: block; color: var(--soft); font-size: 12px; font-weight: 400; }
td { white-space: nowrap; }
table.metrics thead th:first-child { width: 34%; }
svg.bar {
  display: block; width: 100%; min-width: 64px; max-width: 120px; height: 7px; margin-top: 4px;
}
.bar .track { fill: var(--line); }
.bar .band { fill: var(--band); }
.bar .mark { fill: var(--accent); }
.tag {
  display: inline-block; border: 1px solid var(--line); border-radius: 4px; padding: 0 6px;
  font-size: 12px; color: var(--soft); margin-left: 6px; font-weight: 400;
}
.curves {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); gap: 14px;
}
figure { margin: 0; padding: 14px 14px 8px; min-width: 0; }
figure svg { display: block; width: 100%; height: auto; }
figcaption { font-weight: 600; font-size: 14px; margin-bottom: 4px; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 12.5px; margin-bottom: 6px; }
.legend svg { display: inline-block; width: 22px; height: 8px; margin-right: 6px; }
.legend b { font-weight: 500; color: var(--soft); }
svg text { fill: var(--soft); font-size: 11.5px; font-family: inherit; }
.grid { stroke: var(--line); stroke-width: 1; }
.axis { stroke: var(--soft); stroke-width: 1; }
path { fill: none; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round; }
path.dashed { stroke-dasharray: 5 4; }
path.s0 { stroke: var(--s0); } circle.s0 { fill: var(--s0); }
path.s1 { stroke: var(--s1); } circle.s1 { fill: var(--s1); }
path.s2 { stroke: var(--s2); } circle.s2 { fill: var(--s2); }
path.s3 { stroke: var(--s3); } circle.s3 { fill: var(--s3); }
path.s4 { stroke: var(--s4); } circle.s4 { fill: var(--s4); }
path.s5 { stroke: var(--s5); } circle.s5 { fill: var(--s5); }
path.s6 { stroke: var(--s6); } circle.s6 { fill: var(--s6); }
.example { padding: 12px 14px; margin-bottom: 12px; }
.example header { display: flex; align-items: center; gap: 12px; margin-bottom: 10px; }
.example header img { width: 64px; height: 64px; object-fit: contain; border-radius: 6px; }
.query { font-weight: 600; flex: 1; min-width: 0; overflow-wrap: anywhere; }
.query .tag { white-space: nowrap; }
.rank { color: var(--soft); font-size: 13px; white-space: nowrap; }
.rank b { color: var(--ink); font-size: 17px; }
ol.hits {
  list-style: none; margin: 0; padding: 0; display: grid; gap: 8px;
  grid-template-columns: repeat(auto-fill, minmax(104px, 1fr));
}
.wide ol.hits { grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 12px; }
ol.hits li {
  border: 1px solid var(--line); border-radius: 6px; padding: 6px; font-size: 12.5px; min-width: 0;
}
ol.hits li.true {
  border-color: var(--true); box-shadow: inset 0 0 0 1px var(--true); background: var(--true-soft);
}
ol.hits img, .blank {
  display: block; width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: 4px;
}
.blank { background: var(--page); }
.place {
  display: flex; justify-content: space-between; color: var(--soft); font-size: 12px;
  white-space: nowrap; margin-top: 4px;
}
.true .place b { color: var(--true); }
.caption {
  display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden;
  line-height: 1.35; overflow-wrap: anywhere; unicode-bidi: isolate;
}
.wide .caption { -webkit-line-clamp: 4; }
ul.problems {
  margin: 0; padding: 12px 16px 12px 32px; overflow-wrap: anywhere; font-size: 13.5px;
}
.warnings { border: 2px solid var(--alarm); padding: 10px 16px; margin: 0 0 16px; }
.warnings b { color: var(--alarm); }
.warnings ul { padding: 4px 0 0 18px; }
.scroll { overflow-x: auto; padding: 10px 14px; }
table.confusion { width: auto; font-size: 12.5px; }
.confusion td, .confusion th { padding: 3px 6px; border: 0; text-align: right; }
.confusion td { min-width: 30px; border: 1px solid var(--line); }
.confusion thead th { writing-mode: vertical-rl; text-align: left; padding: 6px 3px; }
.confusion thead td { border: 0; text-align: left; color: var(--soft); }
.right1 { background: rgba(11, 122, 83, 0.12); } .wrong1 { background: rgba(200, 70, 20, 0.12); }
.right2 { background: rgba(11, 122, 83, 0.24); } .wrong2 { background: rgba(200, 70, 20, 0.24); }
.right3 { background: rgba(11, 122, 83, 0.36); } .wrong3 { background: rgba(200, 70, 20, 0.36); }
.right4 { background: rgba(11, 122, 83, 0.5); } .wrong4 { background: rgba(200, 70, 20, 0.5); }
.reliability { max-width: 420px; }
.reliability rect { fill: var(--band); }
.reliability circle { fill: var(--accent); }
.reliability .ideal { stroke: var(--soft); stroke-dasharray: 4 4; }
ul.inputs {
  list-style: none; margin: 0; padding: 0; display: grid; gap: 8px;
  grid-template-columns: repeat(auto-fit, minmax(min(180px, 100%), 1fr));
}
ul.inputs > li {
  border: 1px solid var(--line); border-radius: 6px; padding: 8px; font-size: 12.5px; min-width: 0;
}
ul.inputs img { display: block; max-width: 128px; max-height: 128px; min-width: 64px; }
.pictures { display: flex; flex-wrap: wrap; gap: 6px; }
.references { font-size: 13px; overflow-wrap: anywhere; max-height: 9em; overflow-y: auto; }
ul.inputs p { margin: 0; overflow-wrap: anywhere; max-height: 9em; overflow-y: auto; }
ul.inputs h4 { margin: 0 0 6px; font-size: 12.5px; font-weight: 600; }
ul.inputs dl { margin: 0; display: grid; grid-template-columns: auto 1fr; gap: 0 8px; }
ul.inputs dt { color: var(--soft); overflow-wrap: anywhere; } ul.inputs dd { margin: 0; }
.weight { color: var(--soft); margin-top: 6px; }
.wave { display: block; width: 100%; height: 56px; }
.wave path { stroke-width: 1; vector-effect: non-scaling-stroke; }
.wave .sound { fill: var(--accent); stroke: var(--accent); }
.samples { display: grid; gap: 12px; }
.samples .example { margin: 0; }
.wrong { color: var(--alarm); }
details { padding: 4px 16px 12px; }
summary { cursor: pointer; color: var(--accent); }
pre {
  margin: 0 0 8px; padding: 10px 14px; font-size: 13px; white-space: pre-wrap;
  overflow-wrap: anywhere; user-select: all; -webkit-user-select: all;
  font-family: ui-monospace, "SF Mono", Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK SC",
    monospace;
}
footer { margin-top: 40px; border-top: 1px solid var(--line); padding-top: 12px; }
@media (max-width: 640px) {
  main { padding: 18px 14px 36px; }
  h1 { font-size: 22px; }
  table.metrics thead { display: none; }
  table.metrics tr { display: grid; grid-template-columns: repeat(3, 1fr); padding: 8px 4px; }
  table.metrics th { grid-column: 1 / -1; padding: 4px 8px; }
  table.metrics td { padding: 4px 8px; }
  table.metrics td::before {
    content: attr(data-label); display: block; font-size: 12px; color: var(--soft);
  }
  dl.facts { grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); gap: 12px 16px; }
  ol.hits { grid-template-columns: repeat(auto-fill, minmax(88px, 1fr)); }
  .wide ol.hits { grid-template-columns: repeat(auto-fill, minmax(130px, 1fr)); }
}
@media print {
  :root { --page: #ffffff; }
  body { font-size: 11pt; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  .curves { grid-template-columns: 1fr 1fr; }
  figure, .example, tr, .tile { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

}  // namespace braid
