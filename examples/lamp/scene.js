/** The lamp as one sees it. Everything that shines follows `data-lamp`; see lamp.css. */

// Less is the way through the broker, and of no interest.
const LATE_MS = 3000;

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {import("./memory.js").Lamp} lamp */
export function show(lamp) {
  document.body.dataset.lamp = lamp.state;
  document.title = `Lamp (${lamp.state})`;
  part("state").textContent = lamp.state;
  const last = lamp.switchings.find((switching) => switching.is !== "refused");
  if (last) part("since").textContent = `since ${clock(last.at)}`;
  part("none").hidden = lamp.switchings.length > 0;
  part("switchings").replaceChildren(...lamp.switchings.map(line));
}

/** @param {import("./memory.js").Switching} switching */
function line({ is, at, asked, why }) {
  const item = document.createElement("li");
  item.dataset.is = is;
  const word = document.createElement("span");
  word.textContent = is === "refused" ? "Refused" : is === "on" ? "On" : "Off";
  const time = document.createElement("time");
  time.dateTime = new Date(at).toISOString();
  time.textContent = clock(at);
  item.append(word, time);
  const remark = why ?? (at - asked > LATE_MS ? `asked at ${clock(asked)}, while the lamp was away` : "");
  if (remark) item.append(Object.assign(document.createElement("small"), { textContent: remark }));
  return item;
}

/** @param {number} time ms */
function clock(time) {
  const date = new Date(time);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? date.toLocaleTimeString() : `${date.toLocaleDateString()} ${date.toLocaleTimeString()}`;
}
