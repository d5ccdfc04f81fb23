/* The page that Voilà serves, in place of Voilà's own front end, which is the whole of JupyterLab (4.8 MB).
   It connects to the kernel of the page, fetches the one widget that the notebook shows, and draws it. */

import { anywidget } from "./amd.js";
import "anywidget";
import * as base from "@jupyter-widgets/base";
import { ManagerBase } from "@jupyter-widgets/base-manager";
import { CommsOverSubshells } from "@jupyterlab/services/lib/kernel/index.js";
import { KernelConnection } from "@jupyterlab/services/lib/kernel/default.js";
import { ServerConnection } from "@jupyterlab/services/lib/serverconnection.js";
import { Widget } from "@lumino/widgets";

const VIEW = "application/vnd.jupyter.widget-view+json";
const MODULES = /** @type {Record<string, any>} */ ({
  "@jupyter-widgets/base": base,
  anywidget: anywidget.make?.(base),
});

/** The widgets of one kernel. */
class Widgets extends ManagerBase {
  /** @param {KernelConnection} kernel */
  constructor(kernel) {
    super();
    this.kernel = kernel;
    kernel.registerCommTarget(this.comm_target_name, (comm, opened) => {
      this.handle_comm_open(new base.shims.services.Comm(comm), opened);
    });
  }

  /** @param {string} name @param {string} module @returns {Promise<any>} the class `name` of `module` */
  async loadClass(name, module) {
    const found = MODULES[module]?.[name];
    if (!found) throw new Error(`This page has no widget ${name} of ${module}`);
    return found;
  }

  /** As the base class asks for it. @type {any} */
  _create_comm = async (
    /** @type {string} */ target, /** @type {string} */ id, /** @type {any} */ data, /** @type {any} */ metadata,
    /** @type {any} */ buffers,
  ) => {
    const comm = this.kernel.createComm(target, id);
    if (data || metadata) comm.open(data, metadata, buffers);
    return new base.shims.services.Comm(comm);
  };

  async _get_comm_info() {
    const { content } = await this.kernel.requestCommInfo({ target_name: this.comm_target_name });
    return content.status === "ok" ? content.comms : {};
  }

  /** Fetch the state of all widgets that the kernel has. */
  load() {
    return this._loadFromKernel();
  }
}

/** @returns {string[]} ids of the widgets that the cells of the notebook show */
function shown() {
  const outputs = document.querySelectorAll('script[type="application/vnd.voila.cell-output+json"]');
  return [...outputs].map((script) => JSON.parse(script.textContent || "{}").data?.[VIEW]?.model_id).filter(Boolean);
}

async function start() {
  const { baseUrl, kernelId } = JSON.parse(document.getElementById("jupyter-config-data")?.textContent || "{}");
  const url = new URL(baseUrl, location.href).href;
  const serverSettings = ServerConnection.makeSettings({ baseUrl: url, wsUrl: url.replace(/^http/, "ws"), token: "" });
  const model = { id: kernelId, name: "python3" };
  const kernel = new KernelConnection({ model, serverSettings, commsOverSubshells: CommsOverSubshells.Disabled });
  // The visitor leaves: nobody needs the kernel any more
  addEventListener("beforeunload", () => navigator.sendBeacon(`${url}voila/api/shutdown/${kernelId}`));
  const widgets = new Widgets(kernel);
  await widgets.load();
  const host = /** @type {HTMLElement} */ (document.getElementById("widgets"));
  for (const id of shown()) {
    const view = await widgets.create_view(await widgets.get_model(id));
    Widget.attach(view.luminoWidget, host);
  }
}

start();
