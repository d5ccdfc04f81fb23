/* anywidget's front end is an AMD module: it hands its factory to a global `define`, as JupyterLab has one. */

/** @type {{ make?: (base: object) => { AnyModel: any, AnyView: any } }} */
export const anywidget = {};

/** @type {any} */ (globalThis).define = (/** @type {string[]} */ _, /** @type {typeof anywidget.make} */ make) => {
  anywidget.make = make;
};
