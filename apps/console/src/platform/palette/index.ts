/**
 * The one field that leads to a page, a saved view, whatever has the id that is pasted, or a search; its code is loaded
 * when it opens.
 */
export { PaletteButton, paletteKeys } from './palette-button.js';
