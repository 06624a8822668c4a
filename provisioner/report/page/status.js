"use strict";
(() => {
  const table = document.getElementById("fleet-table");
  const body = table.tBodies[0];
  const field = document.getElementById("filter");
  const count = document.getElementById("count");
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, column) => row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();
  const order = new Intl.Collator(undefined, { numeric: true });

  document.querySelector(".tools").hidden = false;
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows].sort((a, b) => order.compare(key(a, column), key(b, column)));
      body.append(...(down ? rows.reverse() : rows));
    });
  });
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    let shown = 0;
    for (const row of body.rows) {
      const section = document.getElementById(row.dataset.section);
      const text = row.textContent + " " + (section ? section.textContent : "");
      row.hidden = !text.toLowerCase().includes(wanted);
      if (section) section.hidden = row.hidden;
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = wanted ? `${shown} of ${body.rows.length} environments` : "";
  });
})();
