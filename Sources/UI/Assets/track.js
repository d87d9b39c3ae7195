/**
 * The position of a patrol while its page is open: `form[data-track]` with fields `lat` and `lon` is sent once a minute.
 * The server refuses it off duty and after the round's end; then nothing is sent any more.
 */
const SECONDS = 60;

async function send(form, { coords }) {
  form.elements.lat.value = coords.latitude.toFixed(6);
  form.elements.lon.value = coords.longitude.toFixed(6);
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
  return answer.type === "opaqueredirect" || answer.ok;
}

export function start() {
  const form = document.querySelector("form[data-track]");
  if (!form || !navigator.geolocation || !window.isSecureContext) return;
  let timer = 0;
  const step = () => {
    if (document.hidden) return;
    navigator.geolocation.getCurrentPosition(async (position) => {
      try {
        if (!(await send(form, position))) clearInterval(timer);
      } catch {
        // No network: the next minute tries again, and nothing is kept meanwhile.
      }
    }, () => {}, { enableHighAccuracy: true, timeout: 20_000, maximumAge: 30_000 });
  };
  timer = setInterval(step, SECONDS * 1000);
  step();
}
