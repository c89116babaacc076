// What every page shares: partial updates, and islands that enhance what already works as plain HTML.
import "htmx.org";
import { against } from "./against";
import { keys } from "./keys";
import { once, confirmFirst } from "./forms";
import { copying } from "./copy";
import { freshLists } from "./fresh";
import { looks } from "./look";
import { uploads } from "./upload";
import { pickers } from "./picker";
import { positions } from "./position";
import { bulk } from "./bulk";
import { screens } from "./screen";

const start = (root: ParentNode): void => {
  uploads(root);
  against(root);
  pickers(root);
  positions(root);
};

keys();
once();
confirmFirst();
copying();
looks();
bulk();
freshLists();
screens();
start(document);
document.addEventListener("htmx:after:swap", (event) => start((event.target as ParentNode | null) ?? document));
