"use strict";
// What a page can do besides being read: sort, filter, unfold, point at the map. Without it nothing is lost.
// Texts of the report are only ever set as text. No template marks may stand in here: the page includes it as it is.
(() => {
  const page = document.querySelector("main");
  const LONG = 12;

  const made = (name, properties, ...inside) => {
    const part = Object.assign(document.createElement(name), properties);
    part.append(...inside);
    return part;
  };

  const told = made("p", { className: "unseen" });
  told.setAttribute("role", "status");
  page.append(told);

  // Rows that hang below another one: the documents of a word.
  const below = new Map();

  class Sorted {
    constructor(table, fold) {
      this.table = table;
      this.body = table.tBodies[0];
      this.few = Infinity;
      this.wanted = "";
      this.order = null;
      if (fold) this.take(fold);
      this.rows = [...this.body.rows];
      this.headings();
      if (this.rows.length > LONG) this.filter();
      this.show();
    }

    // The rows that stand folded below a table join it, so that they are sorted and searched with the others.
    take(fold) {
      const other = fold.querySelector("table");
      this.few = this.body.rows.length;
      this.body.append(...other.tBodies[0].rows);
      if (other.tFoot) this.table.append(other.tFoot);
      this.button = made("button", { type: "button", className: "more" });
      this.button.append(...fold.querySelector("summary").childNodes);
      this.button.setAttribute("aria-expanded", "false");
      this.button.addEventListener("click", () => {
        this.button.setAttribute("aria-expanded", String(!this.all));
        this.show();
      });
      fold.replaceWith(this.button);
    }

    get all() {
      return !this.button || this.button.getAttribute("aria-expanded") === "true";
    }

    headings() {
      const last = this.table.tHead ? [...this.table.tHead.rows].pop() : null;
      if (!last || this.rows.length < 3) return;
      [...last.cells].forEach((cell, column) => {
        if (cell.tagName !== "TH" || cell.classList.contains("swing") || !cell.textContent.trim()) return;
        const button = made("button", { type: "button", className: "sort" });
        button.append(...cell.childNodes);
        cell.append(button);
        button.addEventListener("click", () => this.sort(cell, column));
      });
    }

    // What a cell is sorted by: the exact number where it holds one, its text elsewhere.
    key(row, column) {
      const cell = row.cells[column];
      if (!cell) return null;
      const data = cell.tagName === "TD" ? cell.querySelector("data") : null;
      const text = cell.textContent.trim();
      return data ? Number(data.value) : text === "" || text === "–" ? null : text;
    }

    sort(cell, column) {
      const before = cell.getAttribute("aria-sort");
      const keys = new Map(this.rows.map((row) => [row, this.key(row, column)]));
      const numbers = [...keys.values()].some((key) => typeof key === "number");
      const first = numbers ? "descending" : "ascending";
      const second = numbers ? "ascending" : "descending";
      const way = before === null ? first : before === first ? second : null;
      for (const heading of this.table.querySelectorAll("[aria-sort]")) heading.removeAttribute("aria-sort");
      if (way) cell.setAttribute("aria-sort", way);
      const sign = way === "descending" ? -1 : 1;
      const place = (row) => (row.classList.contains("rest") ? 2 : keys.get(row) === null ? 1 : 0);
      const compared = (one, other) =>
        typeof one === "number" && typeof other === "number" ? one - other
          : String(one).localeCompare(String(other), undefined, { numeric: true });
      this.order = way && [...this.rows].sort((one, other) =>
        place(one) - place(other) || (place(one) ? 0 : sign * compared(keys.get(one), keys.get(other))));
      this.show();
      told.textContent = way ? `Sorted by ${cell.textContent.trim()}, ${way}.` : "In the order of the report.";
    }

    filter() {
      const input = made("input", { type: "search", autocomplete: "off", spellcheck: false });
      const count = made("span", { className: "quiet" });
      count.setAttribute("role", "status");
      const place = this.table.closest(".wide") || this.table;
      const name = this.table.caption ? this.table.caption.textContent.trim() : "";
      input.setAttribute("aria-label", `Filter: ${name}`);
      place.before(made("p", { className: "filter small" }, made("label", {}, "Filter ", input), " ", count));
      input.addEventListener("input", () => {
        this.wanted = input.value.trim().toLocaleLowerCase();
        const n = this.show();
        count.textContent = this.wanted ? `${n} of ${this.rows.length} rows` : "";
      });
      input.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && input.value) {
          input.value = "";
          input.dispatchEvent(new Event("input"));
          event.preventDefault();
        }
      });
    }

    // Put the rows in their order and hide what is not asked for; on paper the folded ones are shown again.
    show() {
      const rows = this.order || this.rows;
      let n = 0;
      rows.forEach((row) => {
        const rest = row.classList.contains("rest");
        const fits = !this.wanted || (!rest && row.textContent.toLocaleLowerCase().includes(this.wanted));
        row.hidden = !fits;
        n += fits;
        row.classList.toggle("folded", !this.wanted && !this.all && (rest || n > this.few));
        if (this.body.lastElementChild !== row) this.body.append(row);
        const hanging = below.get(row);
        if (hanging && hanging.isConnected) {
          row.after(hanging);
          hanging.hidden = row.hidden || row.classList.contains("folded");
        }
      });
      if (this.table.tFoot) this.table.tFoot.classList.toggle("folded", !this.all);
      if (this.button) this.button.hidden = Boolean(this.wanted);
      return n;
    }
  }

  // A word opens a row of the whole width with the documents that hold it.
  for (const fold of page.querySelectorAll("details.holders")) {
    const row = fold.closest("tr");
    const list = fold.querySelector("ul");
    const cell = made("td", { colSpan: row.cells.length }, list);
    const hanging = made("tr", { className: "below" }, cell);
    const button = made("button", { type: "button", className: "word" });
    button.append(...fold.querySelector("summary").childNodes);
    button.setAttribute("aria-expanded", "false");
    button.title = "Show documents that hold it";
    list.setAttribute("aria-label", `Documents with ${button.textContent.trim()}`);
    fold.replaceWith(button);
    below.set(row, hanging);
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-expanded") === "true";
      button.setAttribute("aria-expanded", String(!open));
      if (open) hanging.remove();
      else row.after(hanging);
    });
  }

  for (const table of [...page.querySelectorAll("table")]) {
    if (!table.isConnected || !table.tBodies.length) continue;
    const next = table.nextElementSibling;
    const fold = next && next.matches("details.more") && next.querySelector("table") ? next : null;
    new Sorted(table, fold);
  }

  // On paper nothing is folded; what was opened for it is closed again.
  const opened = [];
  addEventListener("beforeprint", () => {
    for (const fold of page.querySelectorAll("details:not([open])")) {
      fold.open = true;
      opened.push(fold);
    }
    below.forEach((hanging, row) => {
      if (!hanging.isConnected && row.isConnected) {
        hanging.classList.add("printed");
        row.after(hanging);
      }
    });
  });
  addEventListener("afterprint", () => {
    for (const fold of opened.splice(0)) fold.open = false;
    below.forEach((hanging) => {
      if (hanging.classList.contains("printed")) {
        hanging.classList.remove("printed");
        hanging.remove();
      }
    });
  });

  // The map tells of the mark that is nearest to the pointer, or that the arrow keys went to.
  const REACH = 14;
  for (const map of page.querySelectorAll("figure.map > svg")) {
    const marks = [...map.querySelectorAll("g > path")].map((path) => {
      const title = path.querySelector("title");
      const [x, y] = path.getAttribute("d").match(/-?[\d.]+/g).map(Number);
      const text = title ? title.textContent : "";
      if (title) title.remove();
      return { path, x, y, text };
    }).filter((mark) => mark.text).sort((one, other) => one.x - other.x || one.y - other.y);
    if (!marks.length) continue;
    const asked = "Point at a mark, or go from mark to mark with the arrow keys.";
    const line = made("p", { className: "told small", textContent: asked });
    line.setAttribute("role", "status");
    map.after(line);
    map.setAttribute("tabindex", "0");
    map.setAttribute("role", "application");
    map.setAttribute("aria-roledescription", "map of texts");
    let picked = -1;
    const pick = (place) => {
      if (place === picked) return;
      if (picked >= 0) marks[picked].path.classList.remove("picked");
      picked = place;
      if (picked >= 0) {
        marks[picked].path.classList.add("picked");
        marks[picked].path.parentNode.append(marks[picked].path);
      }
      line.textContent = picked >= 0 ? marks[picked].text : asked;
    };
    map.addEventListener("pointermove", (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
      let nearest = -1, distance = REACH;
      marks.forEach((mark, place) => {
        const away = Math.hypot(mark.x - at.x, mark.y - at.y);
        if (away < distance) [nearest, distance] = [place, away];
      });
      pick(nearest);
    });
    map.addEventListener("pointerleave", () => pick(-1));
    map.addEventListener("blur", () => pick(-1));
    map.addEventListener("keydown", (event) => {
      const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
      if (event.key === "Escape") pick(-1);
      else if (event.key === "Home") pick(0);
      else if (event.key === "End") pick(marks.length - 1);
      else if (event.key in steps) pick((Math.max(picked, steps[event.key] < 0 ? 0 : -1) + steps[event.key] + marks.length) % marks.length);
      else return;
      event.preventDefault();
    });
  }
})();
