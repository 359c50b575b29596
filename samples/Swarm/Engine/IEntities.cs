// What the game asks of memory. It is written once, over three struct type arguments, and runs on two kinds of memory:
//
//                        native                                          managed
//     IEntities          NativeTable and NativePool                      List of objects
//     TTarget            a NativeHandle, which its table knows           a reference to an object, which has a flag
//     IFrameMemory       a bump allocator for each thread                arrays and lists that are used again
//     ILevels            a Heap for each level, reset when it is over    objects, forgotten when it is over
//
// As the arguments are structs, the JIT compiles the game once for each: what the two runs differ in is the memory, and nothing else.
//
// Positions number what there is from 0 on; a removal moves the last into the gap. Threads may read everything and write to different ships and shots while nothing is added or removed.

using System;

using Swarm.Rules;

namespace Swarm.Engine;

/// <summary>Ships, shots and blasts.</summary>
/// <typeparam name="TTarget">Refers to a ship that may be gone; <c>default</c> to none.</typeparam>
internal interface IEntities<TTarget> : IDisposable
    where TTarget : struct
{
    int ShipCount { get; }

    int ShotCount { get; }

    int BlastCount { get; }

    ref ShipState Ship(int position);

    /// <summary>Whom a ship is after.</summary>
    ref TTarget TargetOfShip(int position);

    /// <summary>How others refer to a ship.</summary>
    TTarget ReferenceTo(int position);

    /// <summary>A ship, or a null reference if it is gone or there is none meant.</summary>
    ref ShipState Find(TTarget target);

    /// <summary>Whether it refers to no ship, present or gone.</summary>
    bool IsNone(TTarget target);

    void AddShip(in ShipState ship);

    /// <summary>Removes a ship. It must be there.</summary>
    void RemoveShip(TTarget ship);

    ref ShotState Shot(int position);

    /// <summary>Whom a shot follows.</summary>
    ref TTarget TargetOfShot(int position);

    void AddShot(in Shot<TTarget> shot);

    void RemoveShot(int position);

    void AddBlast(int x, int y);

    /// <summary>Makes all blasts older by a frame, and removes those that have faded.</summary>
    void AgeBlasts(int fadedAt);

    /// <summary>Copies all blasts, in no particular order.</summary>
    void CopyBlasts(Span<BlastState> destination);
}

internal struct Shot<TTarget>
    where TTarget : struct
{
    public ShotState State;
    public TTarget Target;
}
