"use strict";
(function () {
  var zh = document.documentElement.lang.indexOf("zh") === 0;
  var words = zh ? { filter: "筛选", sort: "排序", none: "没有匹配的行" } : { filter: "Filter", sort: "Sort by", none: "No row matches" };
  function text(row) { return row.textContent.toLowerCase(); }
  function value(cell) {
    var shown = cell ? cell.textContent.trim() : "";
    var number = parseFloat(shown.replace(/[^0-9.\-]/g, ""));
    return /^[^A-Za-z\u4e00-\u9fff]*[0-9]/.test(shown) && !isNaN(number) ? number : shown.toLowerCase();
  }
  function compare(a, b) {
    if (typeof a === typeof b) { return a < b ? -1 : a > b ? 1 : 0; }
    return typeof a === "number" ? -1 : 1;
  }
  function enhance(table) {
    var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows);
    if (rows.length < 6) { return; }
    var label = document.createElement("label"), input = document.createElement("input"), said = document.createElement("span");
    label.className = "filter small soft"; label.textContent = words.filter + " ";
    input.type = "search"; said.setAttribute("role", "status"); said.className = "soft small";
    label.appendChild(input); table.parentNode.insertBefore(label, table); table.parentNode.insertBefore(said, table);
    input.addEventListener("input", function () {
      var wanted = input.value.trim().toLowerCase(), shown = 0;
      rows.forEach(function (row) { row.hidden = wanted !== "" && text(row).indexOf(wanted) < 0; shown += row.hidden ? 0 : 1; });
      said.textContent = wanted === "" ? "" : shown ? " " + shown + " / " + rows.length : " " + words.none;
    });
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, at) {
      if (!head.textContent.trim()) { return; }
      var button = document.createElement("button");
      button.type = "button"; button.className = "sort"; button.title = words.sort + " " + head.textContent.trim();
      while (head.firstChild) { button.appendChild(head.firstChild); }
      head.appendChild(button);
      button.addEventListener("click", function () {
        var down = head.getAttribute("aria-sort") === "ascending";
        Array.prototype.forEach.call(table.tHead.rows[0].cells, function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        rows.sort(function (a, b) { var way = compare(value(a.cells[at]), value(b.cells[at])); return down ? -way : way; });
        rows.forEach(function (row) { body.appendChild(row); });
      });
    });
  }
  Array.prototype.forEach.call(document.querySelectorAll("table.rows"), enhance);
  window.addEventListener("beforeprint", function () {
    Array.prototype.forEach.call(document.querySelectorAll("tr[hidden]"), function (row) { row.hidden = false; });
  });
}());
