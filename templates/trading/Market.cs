using System;

namespace TradingTemplate;

/// <summary>A market to start with: orders around a price that wanders, half of which are cancelled. The same seed, the same market. Put your feed's decoder in its place.</summary>
internal struct Market(ulong seed)
{
    private const int Spread = 24;

    private ulong _state = seed;
    private int _middle = OrderBook.MaxPrice / 2;
    private long _lastId;

    public Message Next()
    {
        uint chance = Random();
        if (chance % 100 < 45 && _lastId > 0)
        {
            return new Message(MessageKind.Cancel, default, Math.Max(1, _lastId - (Random() % 2_000)), 0, 0);
        }

        _middle = Math.Clamp(_middle + (int)(Random() % 3) - 1, 2 * Spread, OrderBook.MaxPrice - (2 * Spread));
        Side side = (chance & 0x1_0000) == 0 ? Side.Buy : Side.Sell;

        // Most orders wait on their side of the middle, and some reach over it.
        int distance = (int)(Random() % Spread) - 3;
        return new Message(MessageKind.New, side, ++_lastId, side == Side.Buy ? _middle - distance : _middle + distance, 1 + (int)(Random() % 500));
    }

    // SplitMix64 (Steele, Lea, Flood 2014): good enough to draw orders from, and the same on every machine.
    private uint Random()
    {
        ulong z = _state += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return (uint)(z >> 32);
    }
}
