/** Names and colours for tabs, so that one can tell who computed what. */

const BIRDS = [
  ...["Avocet", "Bittern", "Crane", "Dunlin", "Egret", "Finch", "Grebe", "Heron", "Ibis", "Jay", "Kestrel"],
  ...["Lapwing", "Merlin", "Nuthatch", "Osprey", "Plover", "Quail", "Raven", "Siskin", "Tern", "Wren"],
];

/** A name for this tab. Not kept: a duplicated tab would have its twin's. */
export function newName() {
  const [bird, number] = crypto.getRandomValues(new Uint32Array(2));
  return `${BIRDS[bird % BIRDS.length]} ${(number % 90) + 10}`;
}

/** The same name has the same colour in every tab, and two birds never the same. @param {string} tab */
export function colourOf(tab) {
  const bird = BIRDS.indexOf(tab.split(" ")[0]);
  return `hsl(${Math.round((bird * 360) / BIRDS.length)} 85% 62%)`;
}
