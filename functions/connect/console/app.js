// The admin token comes in the fragment and stays in memory.
const token = new URLSearchParams(location.hash.slice(1)).get("token");
history.replaceState(null, "", location.pathname);
const say = (text) => { document.getElementById("state").textContent = text; };

if (!token) {
  say("Open this page from your OpenCX settings.");
} else {
  const answer = await fetch("/api/webhook-url", { headers: { authorization: `Bearer ${token}` } });
  const body = await answer.json();
  say(answer.ok ? `Webhook URL: ${body.url}` : body.detail);
}
