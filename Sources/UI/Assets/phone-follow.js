/** Where a round goes, kept in the copy until the next piece of work takes it along (phone-round.js). */
import { mayWalk, roundOf } from "./phone-round.js";
import * as vault from "./vault.js";

const most = 720;
let following = 0;

/** Keeps where a round is, once a minute, while it is on the screen and its worker on duty. */
export function follow(route) {
  clearInterval(following);
  if (!navigator.geolocation) return;
  const step = async () => {
    const isShown = /^#(patrol|point|at)\//.test(location.hash) && vault.isOpen();
    if (!isShown || !mayWalk()) return clearInterval(following);
    if (document.hidden) return;
    navigator.geolocation.getCurrentPosition(({ coords }) => keep(route, coords), () => {}, { enableHighAccuracy: true, timeout: 20_000, maximumAge: 30_000 });
  };
  following = setInterval(step, 60_000);
  step();
}

async function keep(route, { latitude, longitude }) {
  try {
    const round = vault.isOpen() ? await roundOf(route) : null;
    if (!round || round.ended || !mayWalk()) return;
    const track = [...(await vault.value(`t/${route}`) ?? []), { at: Date.now(), lat: Number(latitude.toFixed(6)), lon: Number(longitude.toFixed(6)) }];
    await vault.commit([["cells", "put", await vault.closed(`t/${route}`, track.slice(-most))]]);
  } catch (error) {
    console.warn("phone-round.js", error); // the copy may have gone in this moment
  }
}
