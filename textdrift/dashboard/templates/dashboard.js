"use strict";
// What the dashboard can do besides being read: tell of the window that is pointed at, and lay two runs side by side.
// Texts are only ever set as text. No template marks may stand in here: the page includes it as it is.
(() => {
  const data = JSON.parse(document.getElementById("year").textContent);
  const year = document.querySelector(".year");
  const charts = [...year.querySelectorAll(".chart")];
  const last = data.windows.length - 1;
  const DAY = 86400;

  const made = (name, properties, ...inside) => {
    const part = Object.assign(document.createElement(name), properties);
    part.append(...inside);
    return part;
  };

  // Numbers as the reports write them.
  const digits = (value, n) => {
    if (value > 0 && value < 1e-4) return value.toExponential(n - 1).replace(/\.?0+e/, "e");
    return Number(value.toPrecision(n)).toString();
  };
  const grouped = (value) => Number(value.toFixed(0)).toLocaleString("en-US");
  const signed = (value, shown) => (value < 0 ? "−" : "") + shown;
  const plain = (value) => {
    const magnitude = Math.abs(value);
    return signed(value, magnitude >= 999.5 ? grouped(magnitude) : digits(magnitude, 3));
  };
  const percent = (value) => {
    const whole = Math.abs(100 * value);
    const shown = whole >= 0.995 || whole === 0 ? whole.toFixed(1)
      : Number(whole.toPrecision(2)).toLocaleString("en-US", { maximumFractionDigits: 20, useGrouping: false });
    return signed(value, ["0.0", "100.0"].includes(shown) ? shown.slice(0, -2) : shown);
  };
  const unitOf = (unit) => ({ plain: "", share: " %" }[unit] ?? " points");
  const inUnit = (value, unit) => unit === "plain" ? plain(value) : (unit === "signed" && value > 0 ? "+" : "") + percent(value);
  // Sizes of effects are as coarse as the reports tell them; those of segments are not.
  const coarse = (value, unit) => Number(value.toFixed(unit === "plain" ? 3 : 4));
  const isMissing = (value) => value === null || value === undefined;
  const bare = (value, unit) => isMissing(value) ? "–" : inUnit(coarse(value, unit), unit);
  const size = (value, unit) => isMissing(value) ? "–" : bare(value, unit) + unitOf(unit);
  const segmentSize = (value, unit) => isMissing(value) ? "–" : inUnit(value, unit) + unitOf(unit);
  const threshold = (value, unit) => size(value, unit === "signed" ? "points" : unit);
  const pValue = (value) => value === null || value === undefined ? "–" : digits(value, 2);

  // Runs of each window, and where a lane stands in one.
  const runsAt = data.windows.map(() => []);
  data.runs.forEach((run) => runsAt[run.at].push(run));
  const material = (lane, at) => Array.isArray(lane.material_from) ? lane.material_from[at] : lane.material_from;
  const drifted = data.lanes.map((lane) => new Set(lane.drifted));
  const isThere = (lane, at) => lane.there[at] === "x";
  const interval = (lane, at) => lane.low[at] === null && lane.high[at] === null ? ""
    : ` [${bare(lane.low[at], lane.unit)}, ${bare(lane.high[at], lane.unit)}]`;

  const verdictOf = (run) => [run.verdict, run.severity].filter(Boolean).join(", ")
    + (run.kinds.length ? `: ${run.kinds.join(", ")}` : "")
    + (runsAt[run.at].length > 1 ? ` (${run.stage})` : "");

  // The lines that tell of a window in a chart.
  const told = (chart, at) => {
    const { tells, index } = chart.dataset;
    if (at in data.failed) return [`no verdict: ${data.failed[at]}`];
    if (tells === "test") {
      const lane = data.lanes[index];
      if (!isThere(lane, at)) return ["not looked at in this window"];
      const p = lane.adjusted_p_value[at] ?? null;
      return [
        `${lane.name}: ${size(lane.value[at], lane.unit)}${interval(lane, at)}${drifted[index].has(at) ? ", alarm" : ""}`,
        `p ${pValue(lane.p_value[at])}${p === null ? "" : `, adjusted ${pValue(p)}`}`,
        `matters from ${threshold(material(lane, at), lane.unit)}`,
      ];
    }
    if (tells === "segment") {
      const segment = data.segments[index];
      if (!(at in segment.effect)) return ["not found to move in this window"];
      return [`${segment.name}: ${segmentSize(segment.effect[at], segment.unit)}, ${segment.kind}`, `p ${pValue(segment.p_value[at])}`];
    }
    return runsAt[at].map(verdictOf);
  };

  const cross = made("div", { className: "cross", hidden: true });
  const tip = made("p", { className: "tip", hidden: true });
  const bar = made("div", { className: "picked-bar", hidden: true });
  tip.setAttribute("aria-hidden", "true"); // a chart says the same as its value
  bar.setAttribute("role", "status");
  year.append(cross, tip, bar);

  const nearest = (share) => {
    let low = 0, high = last;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (data.places[middle] < share) low = middle + 1; else high = middle;
    }
    return low > 0 && share - data.places[low - 1] < data.places[low] - share ? low - 1 : low;
  };

  let shownAt = last;
  const point = (chart, at) => {
    const box = chart.getBoundingClientRect(), outer = year.getBoundingClientRect();
    const x = box.left - outer.left + box.width * data.places[at] / 100;
    shownAt = at;
    cross.hidden = tip.hidden = false;
    cross.style.left = `${x}px`;
    tip.replaceChildren(made("strong", { textContent: data.windows[at] }),
      ...told(chart, at).map((line) => made("span", { textContent: line })));
    const width = tip.offsetWidth, height = tip.offsetHeight;
    const left = x + 14 + width <= outer.width ? x + 14 : Math.max(0, Math.min(x - 14 - width, outer.width - width));
    const above = box.top - outer.top - height - 6;
    tip.style.left = `${left}px`;
    tip.style.top = `${box.top - height - 6 < 0 ? box.bottom - outer.top + 6 : above}px`;
    chart.setAttribute("aria-valuenow", at);
    chart.setAttribute("aria-valuetext", [data.windows[at], ...told(chart, at)].join("; "));
  };
  const leave = () => { cross.hidden = tip.hidden = true; };

  const reportLink = (run, text) => made("a", { href: run.link, textContent: text });
  const pick = (at) => {
    const runs = runsAt[at];
    const button = made("button", { type: "button", textContent: "its numbers" });
    button.addEventListener("click", () => show(runs[runs.length - 1].run));
    const words = at in data.failed ? `no verdict: ${data.failed[at]}` : runs.map(verdictOf).join("; ");
    bar.replaceChildren(made("p", {}, made("strong", { textContent: data.windows[at] }), ` ${words}`),
      ...runs.filter((run) => run.link).map((run) => reportLink(run, runs.length > 1 ? `report (${run.stage})` : "report")),
      ...(runs.length ? [button] : []));
    bar.hidden = false;
  };

  // By keyboard each chart is a slider over the windows; up and down change the chart.
  charts.forEach((chart, place) => {
    const name = chart.getAttribute("aria-label");
    for (const [key, value] of Object.entries({ role: "slider", tabindex: place ? -1 : 0, "aria-label": name,
      "aria-valuemin": 0, "aria-valuemax": last, "aria-valuenow": last,
      "aria-valuetext": [data.windows[last], ...told(chart, last)].join("; ") })) chart.setAttribute(key, value);
    const at = (event) => {
      const box = chart.getBoundingClientRect();
      return nearest(100 * (event.clientX - box.left) / box.width);
    };
    chart.addEventListener("pointermove", (event) => point(chart, at(event)));
    chart.addEventListener("pointerleave", leave);
    chart.addEventListener("click", (event) => { point(chart, at(event)); pick(shownAt); });
    chart.addEventListener("focus", () => point(chart, shownAt));
    chart.addEventListener("blur", leave);
    chart.addEventListener("keydown", (event) => {
      const alarms = data.lanes[chart.dataset.tells === "test" ? chart.dataset.index : -1]?.drifted
        ?? runsAt.flatMap((runs, index) => runs.some((run) => run.kinds.length) ? [index] : []);
      const visible = charts.filter((other) => other.getClientRects().length);
      const moved = { ArrowRight: 1, ArrowLeft: -1 }[event.key], other = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (moved) point(chart, Math.min(last, Math.max(0, shownAt + moved)));
      else if (event.key === "Home") point(chart, 0);
      else if (event.key === "End") point(chart, last);
      else if (event.key === "PageUp") point(chart, alarms.findLast((index) => index < shownAt) ?? shownAt);
      else if (event.key === "PageDown") point(chart, alarms.find((index) => index > shownAt) ?? shownAt);
      else if (event.key === "Escape") { leave(); bar.hidden = true; }
      else if (event.key === "Enter" || event.key === " ") pick(shownAt);
      else if (other) {
        const next = visible[visible.indexOf(chart) + other];
        if (!next) return;
        chart.setAttribute("tabindex", -1);
        next.setAttribute("tabindex", 0);
        next.focus();
      } else return;
      event.preventDefault();
    });
  });

  // One window, or two side by side.
  const section = document.getElementById("side-by-side");
  const byNumber = new Map(data.runs.map((run) => [run.run, run]));
  const named = (run) => data.windows[run.at] + (runsAt[run.at].length > 1 ? `, ${run.stage}` : "");
  const choices = [...data.runs].reverse();
  const chooser = (label, none) => {
    const select = made("select", {});
    if (none) select.append(made("option", { value: "", textContent: none }));
    choices.forEach((run) => select.append(made("option", { value: run.run, textContent: `${named(run)}: ${run.verdict}` })));
    select.addEventListener("change", () => draw());
    return [made("label", {}, label, select), select];
  };
  const [firstLabel, first] = chooser("A window");
  const [secondLabel, second] = chooser("beside", "nothing else");
  const choose = made("div", { className: "choose" }, firstLabel, secondLabel);
  const outcome = made("div", {});
  outcome.setAttribute("role", "region");
  outcome.setAttribute("aria-label", "What the windows say");
  section.append(made("h2", { textContent: "One window, or two side by side" }), choose, outcome);
  section.hidden = false;

  const card = (run) => {
    const card = made("div", { className: run.look },
      made("p", {}, made("strong", { textContent: named(run) }), ` ${verdictOf(run)}; exit code ${run.exit_code}`),
      made("p", { className: "quiet", textContent: run.summary }));
    if (run.link) card.append(made("p", {}, reportLink(run, "Its report")));
    return card;
  };

  const heading = (textContent, properties = {}) => Object.assign(made("th", { scope: "col", textContent }), properties);
  const number = (value, words) => {
    const cell = made("td", { className: "figure" });
    cell.append(value === null || value === undefined ? "–" : made("data", { value: String(value), textContent: words }));
    return cell;
  };

  const sideOf = (lane, place, run) => {
    const at = run.at;
    if (lane.stage !== run.stage || !isThere(lane, at)) return [made("td", { className: "first-of-side quiet", textContent: "not looked at", colSpan: 3 })];
    const effect = number(lane.value[at], size(lane.value[at], lane.unit));
    effect.classList.add("first-of-side");
    effect.append(made("span", { className: "range", textContent: interval(lane, at) }));
    const p = number(lane.adjusted_p_value[at] ?? lane.p_value[at], pValue(lane.adjusted_p_value[at] ?? lane.p_value[at]));
    const hit = drifted[place].has(at);
    return [effect, p, made("td", { className: hit ? "hit" : "quiet", textContent: hit ? "◆ alarm" : "no" })];
  };

  const numbers = (runs) => {
    const sides = runs.flatMap(() => [heading("effect [interval]", { className: "figure first-of-side" }), heading("adjusted p", { className: "figure" }), heading("alarm")]);
    const table = made("table", { className: "numbers-of" }, made("caption", { className: "unseen", textContent: "The tests" }));
    const head = table.createTHead();
    if (runs.length > 1) {
      head.append(made("tr", { className: "sides" }, made("td", {}), made("td", {}),
        ...runs.map((run) => heading(named(run), { scope: "colgroup", colSpan: 3, className: "first-of-side" })), made("td", {})));
    }
    head.append(made("tr", {}, heading("test"), heading("matters from", { className: "figure" }), ...sides,
      ...(runs.length > 1 ? [heading("change", { className: "figure first-of-side" })] : [])));
    const body = table.createTBody();
    data.lanes.forEach((lane, place) => {
      if (!runs.some((run) => run.stage === lane.stage && isThere(lane, run.at))) return;
      const at = runs.find((run) => isThere(lane, run.at)).at;
      const row = made("tr", {}, made("th", { scope: "row" }, made("bdi", { textContent: lane.name }), " ", made("span", { className: "quiet", textContent: lane.kind })),
        number(material(lane, at), threshold(material(lane, at), lane.unit)), ...runs.flatMap((run) => sideOf(lane, place, run)));
      if (runs.length > 1) {
        const both = runs.every((run) => run.stage === lane.stage && typeof lane.value[run.at] === "number");
        const change = both ? lane.value[runs[1].at] - lane.value[runs[0].at] : null;
        const unit = lane.unit === "plain" ? "plain" : "signed";
        row.append(number(change, change === null ? "" : (unit === "plain" && change > 0 ? "+" : "") + size(change, unit)));
      }
      body.append(row);
    });
    const wide = made("div", { className: "wide", tabIndex: 0 }, table);
    wide.setAttribute("role", "region");
    wide.setAttribute("aria-label", "The tests");
    return wide;
  };

  const segments = (runs) => {
    const rows = data.segments.filter((segment) => runs.some((run) => run.at in segment.effect));
    if (!rows.length) return [];
    const table = made("table", { className: "numbers-of" }, made("caption", { textContent: "Segments in which something moved" }));
    table.createTHead().append(made("tr", {}, heading("segment"), ...runs.map((run) => heading(named(run), { className: "figure" }))));
    const body = table.createTBody();
    rows.forEach((segment) => body.append(made("tr", {},
      made("th", { scope: "row" }, made("bdi", { textContent: segment.name }), " ", made("span", { className: "quiet", textContent: segment.kind })),
      ...runs.map((run) => number(segment.effect[run.at], segmentSize(segment.effect[run.at], segment.unit))))));
    return [made("div", { className: "wide" }, table)];
  };

  const draw = () => {
    const runs = [first, second].map((select) => byNumber.get(Number(select.value))).filter(Boolean);
    const parts = [made("div", { className: "compared" }, ...runs.map(card))];
    if (runs.length > 1) {
      const [before, after] = runs.map((run) => new Set(run.kinds));
      const lists = [["came", [...after].filter((kind) => !before.has(kind))], ["gone", [...before].filter((kind) => !after.has(kind))]];
      const words = lists.filter(([, kinds]) => kinds.length).map(([what, kinds]) => `${what}: ${kinds.join(", ")}`);
      const line = made("p", { textContent: words.length ? `From the first to the second, ${words.join("; ")}. ` : "The same kinds of drift in both. " });
      if (data.compare) line.append(made("a", { href: `${data.compare}?first=${runs[0].run}&second=${runs[1].run}`, textContent: "Everything that differs" }));
      parts.push(line);
    }
    outcome.replaceChildren(...parts, numbers(runs), ...segments(runs));
  };
  const show = (run) => {
    first.value = String(run);
    draw();
    section.scrollIntoView({ block: "start" });
    first.focus({ preventScroll: true });
  };
  draw();

  // In the list, the name of a window shows its numbers.
  for (const row of document.querySelectorAll("tr[data-run]")) {
    const cell = row.cells[0];
    const button = made("button", { type: "button", className: "word", title: "Show its numbers" });
    button.append(...cell.childNodes);
    button.addEventListener("click", () => show(Number(row.dataset.run)));
    cell.append(button);
  }

  // A page that is made every night tells by its age that nobody makes it any more.
  const silence = document.getElementById("silence");
  const quietSeconds = data.last_success ? (Date.now() - Date.parse(data.last_success)) / 1000 : 0;
  const usual = data.usual_gap_seconds;
  if (usual && quietSeconds > 2 * usual + 3600) {
    const days = quietSeconds / DAY;
    silence.textContent = `No verdict for ${days >= 2 ? `${Math.floor(days)} days` : `${Math.floor(days * 24)} hours`}, as of now; one came every ${usual >= DAY / 2 ? `${Math.round(usual / DAY) === 1 ? "day" : `${Math.round(usual / DAY)} days`}` : `${Math.max(1, Math.round(usual / 60))} minutes`} before. Look whether the job still runs.`;
    silence.hidden = false;
  }
})();
