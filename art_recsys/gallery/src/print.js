/* A room on paper: the page waits for its pictures, then the browser prints it or saves it as a PDF. */

const PATIENCE_MS = 15_000; // Milliseconds to wait for pictures

/** @param {HTMLElement} place with the pictures that are printed @param {string} name the browser proposes it for the file */
export async function printed(place, name) {
  const pictures = [...place.querySelectorAll("img")];
  for (const picture of pictures) picture.loading = "eager";
  const shown = Promise.allSettled(pictures.map((picture) => picture.decode()));
  await Promise.race([shown, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  const before = document.title;
  document.title = name;
  print();
  document.title = before;
}
