"""The networks whose times are published, as the quantities that a cost model charges for."""


def rounded(width, divisor=8):
    """A scaled channel count as MobileNet's authors round it."""
    n = max(divisor, int(width + divisor / 2) // divisor * divisor)
    return n + divisor if n < 0.9 * width else n


def operator(kind, h, w, cin, cout, k=(1, 1), s=(1, 1), valid=False):
    down = (lambda n, k, s: (n - k) // s + 1) if valid else (lambda n, k, s: -(-n // s))
    oh, ow = down(h, k[0], s[0]), down(w, k[1], s[1])
    per_output = {"conv2D": k[0] * k[1] * cin, "depthwiseConv2D": k[0] * k[1], "fullyConnected": cin}
    kind_of = kind
    if kind == "conv2D":
        kind_of = "pointwise" if k == (1, 1) else "shallowConv2D" if cin <= 4 else "conv2D"
    pixels = oh * ow
    return {
        "class": kind_of, "size": (oh, ow), "channels": cout,
        "setup": 1, "pixel": pixels, "tap": pixels * k[0] * k[1],
        "column": pixels * k[0] * k[1] * cin,
        "mac": pixels * cout * per_output.get(kind, 0), "output": pixels * cout,
        "weight": k[0] * k[1] * cin * cout if kind == "conv2D" else 0,
        "input": h * w * cin * (2 if kind == "add" else 1),
    }


class Graph(list):
    """A list of operators, built one after another from an input of h x w x c."""

    def __init__(self, h, w, c):
        super().__init__()
        self.at = (h, w, c)

    def add_op(self, kind, cout, k=1, s=1, valid=False):
        k, s = ((v, v) if isinstance(v, int) else v for v in (k, s))
        op = operator(kind, *self.at, cout, k, s, valid)
        self.append(op)
        self.at = (*op["size"], cout)
        return self

    def conv(self, cout, k=1, s=1):
        return self.add_op("conv2D", cout, k, s)

    def depthwise(self, k=3, s=1):
        return self.add_op("depthwiseConv2D", self.at[2], k, s)

    def pool(self, kind, k, s, valid=False):
        return self.add_op(kind, self.at[2], k, s, valid)

    def global_pool(self):
        return self.pool("averagePool2D", self.at[:2], self.at[:2], valid=True)

    def dense(self, cout):
        self.at = (1, 1, self.at[0] * self.at[1] * self.at[2])
        return self.add_op("fullyConnected", cout)

    def inverted_residual(self, cout, expand, k, s):
        cin = self.at[2]
        if expand != 1:
            self.conv(cin * expand)
        self.depthwise(k, s).conv(cout)
        if s == 1 and cin == cout:
            self.append(operator("add", *self.at, cout))
        return self

    def head(self, last, classes):
        return self.conv(last).global_pool().dense(classes)


def small_cifar():
    """Arm's CIFAR-10 CNN (CMSIS-NN's example)."""
    g = Graph(32, 32, 3)
    for channels in (32, 32, 64):
        g.conv(channels, 5).pool("maxPool2D", 3, 2)
    return g.dense(10)


def mobilenet_v1(size, classes, width=0.25):
    g = Graph(size, size, 3).conv(rounded(32 * width), 3, 2)
    for channels, s in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [
        (512, 1)] * 5 + [(1024, 2), (1024, 1)]:
        g.depthwise(3, s).conv(rounded(channels * width))
    return g.global_pool().dense(classes)


def mobilenet_v2(size, width=0.35):
    """With the last convolution scaled as well, which gives the published 23.5 M MACs at 144."""
    g = Graph(size, size, 3).conv(rounded(32 * width), 3, 2)
    for t, c, n, s in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                       (6, 160, 3, 2), (6, 320, 1, 1)]:
        for i in range(n):
            g.inverted_residual(rounded(c * width), t, 3, s if i == 0 else 1)
    return g.head(rounded(1280 * width), 1000)


def proxyless(size, width=0.3):
    """ProxylessNAS-Mobile (Cai et al., ICLR 2019); 36.8 M MACs at 176, published 38.3."""
    g = Graph(size, size, 3).conv(rounded(32 * width), 3, 2)
    g.inverted_residual(rounded(16 * width), 1, 3, 1)
    for c, blocks in [
        (32, [(5, 3, 2), (3, 3, 1)]), (40, [(7, 3, 2), (3, 3, 1), (5, 3, 1), (5, 3, 1)]),
        (80, [(7, 6, 2), (5, 3, 1), (5, 3, 1), (5, 3, 1)]),
        (96, [(5, 6, 1), (5, 3, 1), (5, 3, 1), (5, 3, 1)]),
        (192, [(7, 6, 2), (7, 6, 1), (7, 3, 1), (7, 3, 1)]), (320, [(7, 6, 1)])]:
        for k, t, s in blocks:
            g.inverted_residual(rounded(c * width), t, k, s)
    return g.head(rounded(1280 * width), 1000)


def mnasnet(size, last, width=0.2):
    """MnasNet-B1 (Tan et al., CVPR 2019) with `last` channels before the pool."""
    g = Graph(size, size, 3).conv(rounded(32 * width), 3, 2)
    g.inverted_residual(rounded(16 * width), 1, 3, 1)
    for t, c, n, s, k in [(3, 24, 3, 2, 3), (3, 40, 3, 2, 5), (6, 80, 3, 2, 5), (6, 96, 2, 1, 3),
                          (6, 192, 4, 2, 5), (6, 320, 1, 1, 3)]:
        for i in range(n):
            g.inverted_residual(rounded(c * width), t, k, s if i == 0 else 1)
    return g.head(last, 1000)


def resnet8():
    """MLPerf Tiny's image classifier."""
    g = Graph(32, 32, 3).conv(16, 3)
    for channels, s in [(16, 1), (32, 2), (64, 2)]:
        entry = g.at
        g.conv(channels, 3, s).conv(channels, 3)
        if s == 2:
            g.append(operator("conv2D", *entry, channels, (1, 1), (s, s)))
        g.append(operator("add", *g.at, channels))
    return g.global_pool().dense(10)


def ds_cnn():
    """MLPerf Tiny's keyword spotter."""
    g = Graph(49, 10, 1).conv(64, (10, 4), (2, 2))
    for _ in range(4):
        g.depthwise().conv(64)
    return g.global_pool().dense(12)


def autoencoder():
    """MLPerf Tiny's anomaly detector."""
    g = Graph(1, 1, 640)
    for channels in (128, 128, 128, 128, 8, 128, 128, 128, 128, 640):
        g.dense(channels)
    return g


def agilenn_extractor():
    """The published extractor, 96x96x3 to 32x32x24, and its local network for 10 classes."""
    g = Graph(96, 96, 3).depthwise(3, 3).conv(4).depthwise().conv(24)
    return g.global_pool().dense(10)
