/** Names and colours for tabs, so that one can tell who computed what. */

const BIRDS = ["Avocet", "Bittern", "Crane", "Dunlin", "Egret", "Finch", "Grebe", "Heron", "Ibis", "Jay", "Kestrel"];
const MORE = ["Lapwing", "Merlin", "Nuthatch", "Osprey", "Plover", "Quail", "Raven", "Siskin", "Tern", "Wren"];

/** A name for this tab. Not kept: a duplicated tab would have its twin's. */
export function newName() {
  const [bird, number] = crypto.getRandomValues(new Uint32Array(2));
  const birds = [...BIRDS, ...MORE];
  return `${birds[bird % birds.length]} ${(number % 90) + 10}`;
}

/** The same name has the same colour in every tab. @param {string} tab */
export function colourOf(tab) {
  let hash = 0;
  for (const letter of tab) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0;
  // The golden angle spreads even neighbours around the circle.
  return `hsl(${Math.round((hash * 137.508) % 360)} 85% 62%)`;
}
