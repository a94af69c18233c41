// Whether the page's parts are within it, apart from each other, and large enough to hit.
import assert from "node:assert/strict";

/** Every tile within the page and none over another; every control large enough to hit. */
export async function everythingIsSeen(page) {
	const { tiles, controls, width, height } = await page.evaluate(() => {
		const boxes = (what) =>
			[...document.querySelectorAll(what)].map((found) => {
				const { left, top, right, bottom } = found.getBoundingClientRect();
				return { left, top, right, bottom };
			});
		return {
			tiles: boxes("[data-tile=remote], [data-tile=local], [data-tile=screen]"),
			controls: boxes(".controls button"),
			width: window.innerWidth,
			height: window.innerHeight,
		};
	});
	for (const box of controls) {
		assert.ok(box.right - box.left >= 44 && box.bottom - box.top >= 44);
		assert.ok(box.left >= 0 && box.right <= width && box.bottom <= height);
	}
	const isMany = (await page.locator("[data-layout=many]").count()) === 1;
	if (!isMany) return;
	for (const box of tiles)
		assert.ok(
			box.left >= 0 && box.right <= width + 1 && box.bottom <= height && box.right - box.left > 90
		);
	tiles.forEach((one, index) =>
		tiles.slice(index + 1).forEach((two) => assert.ok(!overlap(one, two), JSON.stringify([one, two])))
	);
}

function overlap(one, two) {
	return (
		one.left < two.right - 1 &&
		two.left < one.right - 1 &&
		one.top < two.bottom - 1 &&
		two.top < one.bottom - 1
	);
}
