// What every page shares: partial updates, and islands that enhance what already works as plain HTML.
import "htmx.org";
import { against } from "./against";
import { keys } from "./keys";
import { once, confirmFirst } from "./forms";
import { copying } from "./copy";
import { looks } from "./look";
import { uploads } from "./upload";
import { pickers } from "./picker";
import { bulk } from "./bulk";
import { screens } from "./screen";

const start = (root: ParentNode): void => {
  uploads(root);
  against(root);
  pickers(root);
};

keys();
once();
confirmFirst();
copying();
looks();
bulk();
screens();
start(document);
document.addEventListener("htmx:after:swap", (event) => start((event.target as ParentNode | null) ?? document));
