// What a replay counts. One set for all books together.
//
//     resting = adds taken - orders gone,   0 <= filled <= fills,   resting <= peakResting
//
// The last three look at continuous trading only, where the exchange matches every order at once: a book that stands crossed after
// an event, a resting order that is hit while a better price stands on its side, or while an older order stands before it, would
// mean that the replay and the exchange disagree. (A LOBSTER extract leaves out most of the book, and there they mean nothing.)

namespace OrderBook.Book;

internal record struct BookFigures
{
    public int Events;
    public int Adds;
    public int Deletes;
    public int Trades;
    public int Fills;
    public int Filled;
    public int Errors;
    public int Unknown;
    public int PeakResting;
    public int Resting;
    public long RestingQuantity;
    public long TradedQuantity;
    public int CrossedStates;
    public int FillsNotAtBest;
    public int FillsNotAtFront;
}

/// <summary>What can be wrong with an event whose line could be read.</summary>
internal enum Fault
{
    None,

    /// <summary>An add of an id that rests already.</summary>
    AlreadyRests,

    /// <summary>A delete, execution or reduction of an id that does not rest.</summary>
    DoesNotRest,

    /// <summary>The id rests, but in another symbol's book or on the other side.</summary>
    RestsElsewhere,

    /// <summary>A delete that states another quantity than is left.</summary>
    QuantityDiffers,

    /// <summary>A fill or reduction of more than is left.</summary>
    TakesTooMuch,
}
