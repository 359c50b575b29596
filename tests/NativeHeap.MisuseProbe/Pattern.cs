using System;

namespace NativeHeap.MisuseProbe;

/// <summary>What kind of mistake a pattern is.</summary>
internal enum Mistake
{
    /// <summary>A free, or another call with a pointer, that is wrong.</summary>
    Free,

    /// <summary>Memory written that is not the writer's.</summary>
    Write,

    /// <summary>Memory read that is not the reader's, or that nobody has written.</summary>
    Read,

    /// <summary>What helps an attacker without being wrong in itself.</summary>
    Foothold,
}

/// <summary>Which blocks a pattern is tried with.</summary>
internal enum Blocks
{
    /// <summary>All of <see cref="BlockKind.All"/>.</summary>
    All,

    /// <summary>Those of the untyped members.</summary>
    Untyped,

    /// <summary>It makes its own.</summary>
    Own,
}

/// <summary>How far a cell has come.</summary>
internal enum Phase
{
    /// <summary>All is well yet.</summary>
    Before,

    /// <summary>In the wrong call, or at the wrong instruction.</summary>
    Wrong,

    /// <summary>The program goes on.</summary>
    Later,

    /// <summary>It is over, and the allocator looked at.</summary>
    Verification,
}

/// <summary>What became of it.</summary>
internal enum Outcome
{
    /// <summary>The wrong call threw, or the wrong instruction ended the process.</summary>
    AtOnce,

    /// <summary>A later call told.</summary>
    Late,

    /// <summary>What was read was nobody's.</summary>
    SeesFill,

    /// <summary>There is no such foothold.</summary>
    Prevented,

    /// <summary>Nothing told.</summary>
    NotFound,
}

/// <summary>A way to do wrong.</summary>
/// <param name="Name">Its name: mimalloc-bench's where that has it.</param>
/// <param name="Does">What the program does.</param>
/// <param name="Mistake">What kind of mistake it is.</param>
/// <param name="Run">Does it.</param>
internal sealed record Pattern(string Name, string Does, Mistake Mistake, Action<Misuse> Run)
{
    /// <summary>The blocks that it is tried with.</summary>
    public Blocks Blocks { get; init; }

    /// <summary>Whether it reaches so far from its block that what it meets depends on what the process did before: then it has a process of its own.</summary>
    public bool IsFar { get; init; }

    /// <summary>Whether it reaches before its block.</summary>
    public bool ReachesBack { get; init; }
}
