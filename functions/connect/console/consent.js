// HubSpot's consent screen opens in a window of its own, because the token lives in this page's memory only and would not
// survive a trip away. The window comes back to this same page with the result in its fragment, passes it on and closes.
import { post } from "./api.js";
import { fill, h } from "./dom.js";
import { notice, toast } from "./ui.js";
import { OAUTH_ERRORS } from "./words.js";

const line = new BroadcastChannel("opencx-hubspot-consent");

/** Opens the consent screen. The window is opened before the call, or the browser takes it for a pop-up nobody asked for. */
export async function connectWithHubSpot() {
  const popup = window.open("about:blank", "hubspot-consent", "popup,width=760,height=820");
  try {
    const { authorize_url: url } = await post("/api/oauth/start");
    if (popup) popup.location.replace(url);
    else location.assign(url);
  } catch (error) {
    popup?.close();
    toast(error.message, "bad");
  }
}

/** In the returning window: passes the news on. In every other: calls `tell` with them. */
export function heard(tell) {
  line.addEventListener("message", (event) => {
    const news = event.data;
    if (news && typeof news === "object") tell(news);
  });
}

/** Whether this window came back from the consent screen; if so it is only there to say so. */
export function cameBack() {
  const news = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  if (!news.result && !news.error && !news.confirm) return false;
  history.replaceState(null, "", location.pathname);
  line.postMessage(news);
  const failed = news.error && (news.detail || OAUTH_ERRORS[news.error] || news.error);
  const title = failed ? "HubSpot was not connected" : news.confirm ? "One more question" : "HubSpot connected";
  const text = failed || (news.confirm ? "Another portal than before was approved. Go back to the console to confirm." : "You can close this window and go back to the console.");
  fill(document.getElementById("shell"), h("main", { class: "gate", id: "main", tabindex: "-1" }, h("h1", {}, title), notice(failed ? "bad" : "ok", null, h("p", {}, text))));
  document.title = title;
  setTimeout(() => window.close(), failed ? 6_000 : 800);
  return true;
}
