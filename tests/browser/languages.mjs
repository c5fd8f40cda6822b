// The interface speaks the visitor's language, remembers a choice only when they make one, and keeps its shape at twice the
// size, without motion, from right to left and on paper.
import assert from "node:assert/strict";

const SPOKEN = {
  en: { title: "Datasets", button: "Search" },
  fr: { title: "Jeux de données", button: "Rechercher" },
  de: { title: "Datensätze", button: "Suchen" },
  es: { title: "Conjuntos de datos", button: "Buscar" },
};
const PAGES = ["/", "/datasets?q=water", "/publishers", "/developers", "/transparency", "/service-level", "/services", "/sign-in", "/no-such-page"];
/** Words at the beginning of the interface's English that no page in another language may show. */
const ENGLISH = /\b(Find data|Build with it|Check us|Sign in|Recently updated|Skip to main content|Datasets|Publishers|Developers)\b/;

const language = (page) => page.evaluate(() => document.documentElement.lang);
const sticksOut = (page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

export const stories = {
  "pages speak what the browser accepts, and what an address asks for": async (house) => {
    for (const [tag, words] of Object.entries(SPOKEN)) {
      const { page, context, faults, leave } = await house.visitor({ locale: tag });
      await page.goto("/datasets");
      assert.equal(await language(page), tag);
      assert.equal(await page.locator("h1").innerText(), words.title);
      assert.equal(await page.locator("form[role=search] button").first().innerText(), words.button);
      const other = tag === "de" ? "fr" : "de";
      await page.goto(`/datasets?lang=${other}`);
      assert.equal(await page.locator("h1").innerText(), SPOKEN[other].title);
      assert.match(await page.locator("link[rel=canonical]").getAttribute("href"), new RegExp(`/datasets\\?lang=${other}$`));
      assert.deepEqual(await context.cookies(), [], "asking for a language sets no cookie");
      assert.deepEqual(faults, []);
      await leave();
    }
  },

  "a choice of language is kept, and leads back to where it was made": async (house) => {
    const { page, context, leave } = await house.visitor({ javaScript: false });
    await page.goto("/datasets?q=water");
    await page.getByRole("button", { name: "Français" }).click();
    await page.waitForURL("**/datasets?q=water");
    assert.equal(await language(page), "fr");
    const cookies = await context.cookies();
    assert.deepEqual(cookies.map(({ name, value, httpOnly }) => [name, value, httpOnly]), [["fairground_language", "fr", true]]);
    await page.goto("/transparency");
    assert.equal(await page.locator("h1").innerText(), "Transparence");
    await leave();
  },

  "no page in another language falls back into English, or has barriers": async (house) => {
    const found = [];
    for (const tag of ["fr", "de", "es"]) {
      const { page, leave } = await house.visitor({ locale: tag, width: 360 });
      for (const path of PAGES) {
        await page.goto(path);
        const said = await page.evaluate(() => {
          const copy = document.body.cloneNode(true);
          copy.querySelectorAll('[lang="en"], code, pre').forEach((element) => element.remove());
          return copy.innerText;
        });
        if (ENGLISH.test(said)) found.push(`${path} in ${tag} says “${said.match(ENGLISH)[0]}”`);
        for (const line of await house.barriers(page)) found.push(`${path} in ${tag}: ${line}`);
        const over = await sticksOut(page);
        if (over > 0) found.push(`${path} in ${tag}: ${over} px stick out sideways`);
      }
      await leave();
    }
    assert.deepEqual(found, []);
  },

  "at twice the size nothing is cut off, and nothing moves for those who want no motion": async (house) => {
    // 200 % of a desk of 1280 pixels leaves 640 (WCAG 2.2, 1.4.4); 400 % leaves 320 (1.4.10).
    const found = [];
    for (const width of [640, 320]) {
      const { page, leave } = await house.visitor({ width });
      for (const path of PAGES) {
        await page.goto(path);
        const over = await sticksOut(page);
        if (over > 0) found.push(`${path} at ${width} px: ${over} px stick out sideways`);
        const moving = await page.evaluate(() => document.getAnimations().filter((one) => one.effect.getTiming().duration > 1).length);
        if (moving > 0) found.push(`${path}: ${moving} things move`);
      }
      await leave();
    }
    assert.deepEqual(found, []);
  },

  "text twice as large stays on the page": async (house) => {
    const { page, leave } = await house.visitor({ width: 1280 });
    const found = [];
    for (const path of PAGES) {
      await page.goto(path);
      await page.evaluate(() => {
        document.documentElement.style.fontSize = "200%";
      });
      const over = await sticksOut(page);
      if (over > 0) found.push(`${path}: ${over} px stick out sideways`);
    }
    assert.deepEqual(found, []);
    await leave();
  },

  "from right to left the pages are their own mirror image": async (house) => {
    const { page, leave } = await house.visitor({ width: 1280 });
    for (const path of PAGES) {
      await page.goto(path);
      const place = () => page.evaluate(() => Math.round(document.querySelector(".fg-brand").getBoundingClientRect().left));
      const before = await place();
      await page.evaluate(() => {
        document.documentElement.dir = "rtl";
      });
      assert.equal(await sticksOut(page), 0, path);
      assert.ok((await place()) > 640 && before < 640, `${path}: the name stands at the other side`);
    }
    await leave();
  },

  "on paper there is the content and no way around": async (house) => {
    const { page, leave } = await house.visitor();
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    for (const path of ["/datasets?q=water", "/transparency"]) {
      await page.goto(path);
      for (const part of [".fg-nav", ".fg-footer__columns", ".fg-languages", ".fg-search-box"]) {
        for (const one of await page.locator(part).all()) assert.ok(!(await one.isVisible()), `${path}: ${part} is printed`);
      }
      assert.ok(await page.locator("h1").isVisible());
      const [ink, ground] = await page.evaluate(() => {
        const style = getComputedStyle(document.body);
        return [style.color, style.backgroundColor];
      });
      assert.match(ink, /^rgb\((\d|[1-4]\d), /, `${path}: ink is dark, ${ink}`);
      assert.match(ground, /rgb\(255, 255, 255\)|rgba\(0, 0, 0, 0\)/, `${path}: paper is white, ${ground}`);
    }
    await leave();
  },
};
