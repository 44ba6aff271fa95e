"""What the shop does every night."""

import sys

if sys.argv[1:]:
    print(*sys.argv[1:])
    sys.exit(3)
with open("/srv/shop/data/nightly", "w") as file:
    file.write("done")
