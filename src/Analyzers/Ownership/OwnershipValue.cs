// The lattice. A site is an expression that hands out an object (a call marked [Owned], a parameter); it stands for the object that it
// handed out last. Two finite maps, joined by union, are all that the analysis knows at a point of the program:
//
//     place -> value     which sites' objects a local, parameter or temporary may refer to, and what else it may hold
//     site  -> fate      what may have become of the site's object
//
//     fate:   Live --free--> Freed        Live --returned, stored, passed on--> Escaped
//
// "Must" is a set of one: a fate that is Freed and nothing else. "May" is a set that contains it. Sites are bits of a word: a
// method with more than 64 of them has the rest untracked, which can only make the rules more silent.

using System;

namespace NativeHeap.Analyzers.Ownership;

/// <summary>What may have become of a site's object; 0 while the site was not reached.</summary>
[Flags]
internal enum Fate : byte
{
    None = 0,

    /// <summary>Alive, and this method's to free or hand on.</summary>
    Live = 1,

    /// <summary>Freed, or given away for good.</summary>
    Freed = 2,

    /// <summary>Alive when last seen, with others who may free it.</summary>
    Escaped = 4,

    /// <summary>Alive, and somebody else's to free: a parameter's object, or one that ends with its heap.</summary>
    Lent = 8,

    /// <summary>On some path an object of this site ended and no place refers to it any more: of interest to the rules on leaks alone.</summary>
    Ended = 16,

    /// <summary>Freed, if the call that the branch at hand asks says so.</summary>
    Asked = 32,
}

/// <summary>What a value may be.</summary>
[Flags]
internal enum Origins : byte
{
    None = 0,

    /// <summary>The address of an object of its sites.</summary>
    Whole = 1,

    /// <summary>An address inside of one, past the start.</summary>
    Inside = 2,

    Null = 4,

    /// <summary>Memory of the stack.</summary>
    Stack = 8,

    /// <summary>Anything.</summary>
    Unknown = 16,

    /// <summary>An owner that was emptied by disposing this very variable.</summary>
    Emptied = 32,

    /// <summary>What was freed through this very variable, whichever object that was.</summary>
    Gone = 64,
}

/// <summary>What a place may hold. The default is that of a variable not assigned yet, which joins without a trace.</summary>
internal readonly record struct OwnershipValue(ulong Sites, Origins Origins)
{
    public static readonly OwnershipValue Unknown = new(0, Origins.Unknown);
    public static readonly OwnershipValue Null = new(0, Origins.Null);
    public static readonly OwnershipValue Stack = new(0, Origins.Stack);
    public static readonly OwnershipValue Gone = new(0, Origins.Gone);

    public bool IsUnassigned => Origins == Origins.None;

    public static OwnershipValue Of(int site) => new(1UL << site, Origins.Whole);

    public static OwnershipValue Join(OwnershipValue left, OwnershipValue right) => new(left.Sites | right.Sites, left.Origins | right.Origins);

    public bool May(Origins origins) => (Origins & origins) != 0;

    /// <summary>An address whose offset from this one is not known.</summary>
    public OwnershipValue Near() => Sites == 0 ? May(Origins.Gone) ? this : Unknown : new(Sites, (Origins & ~Origins.Null) | Origins.Whole | Origins.Inside);

    /// <summary>An address past this one, by an offset that is not 0.</summary>
    public OwnershipValue Past() => May(Origins.Inside) || Sites == 0 ? Near() : new(Sites, (Origins & ~(Origins.Whole | Origins.Null)) | Origins.Inside);

    /// <summary>The value once the objects of some sites are old ones, which no site stands for any more.</summary>
    public OwnershipValue Without(ulong sites, Origins instead)
        => (Sites & sites) == 0 ? this : new(Sites & ~sites, ((Sites & ~sites) == 0 ? Origins & ~(Origins.Whole | Origins.Inside) : Origins) | instead);
}
