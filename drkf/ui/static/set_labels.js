// A row for each label of the set, with a choice of what it means. Built node by node: what a
// visitor uploads is never read as HTML or as a template.
const list = element.querySelector(".label-map");

const node = (tag, text, attributes = {}) => {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
};

const choose = (label, meaning) => {
  const rows = props.value.rows.map((row) => (row.label === label ? { ...row, meaning } : row));
  props.value = { ...props.value, rows };
  trigger("input");
};

const line = (row, value) => {
  const made = node("tr");
  const select = node("select", undefined, {
    "aria-label": `${value.headings[2]}: ${row.label}`,
    "data-label": row.label,
  });
  const choices = [["?", value.unknown], ...value.choices];
  for (const [key, name] of choices) select.append(node("option", name, { value: key }));
  const show = (meaning) => {
    select.value = meaning ?? "?";
    made.classList.toggle("unmapped", meaning === null);
  };
  show(row.meaning);
  select.addEventListener("change", () => {
    const meaning = select.value === "?" ? null : select.value;
    show(meaning);
    choose(row.label, meaning);
  });
  const cell = node("td");
  cell.append(select);
  made.append(node("th", row.label, { scope: "row" }), node("td", row.count), cell);
  return made;
};

const draw = () => {
  const value = props.value;
  list.replaceChildren();
  if (!value?.rows) return;
  const table = node("table");
  const head = node("tr");
  for (const heading of value.headings) head.append(node("th", heading, { scope: "col" }));
  table.createTHead().append(head);
  table.createTBody().append(...value.rows.map((row) => line(row, value)));
  list.append(table);
};

watch("value", draw);
draw();
