// The forward analysis of one control-flow graph: states are carried along the branches and joined where branches meet, until nothing changes;
// then each block is gone through once more, and this time what is wrong is reported.
//
//     in(entry)  = parameters, lent                      in(block) = join of out(branch) over the branches into it
//     out(block) = transfer(in(block)), and on the two sides of a condition what the condition says
//
// The height of the lattice is finite, so this ends; a budget of visits, far above what real methods take, guards the editor all the same.
//
// Finally blocks are run through anew for each branch that leaves their try, with that branch's own state: merging the ways out would say of the one what is
// true of the other. An exception is followed only to a catch of the same method, through the finally blocks between; what
// leaves the method by an exception is not reported, and freeing is taken not to throw.

using System;
using System.Collections.Generic;
using System.Threading;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace NativeHeap.Analyzers.Ownership;

internal sealed partial class OwnershipFlow
{
    private readonly ControlFlowGraph _graph;
    private readonly Contracts _contracts;
    private readonly Survey _survey;
    private readonly Compilation _compilation;
    private readonly Action<Diagnostic> _report;
    private readonly CancellationToken _cancellation;
    private readonly OwnershipState.Pool _pool = OwnershipState.Pool.OfThread;
    private readonly OwnershipState?[] _in;
    private int _budget;
    private bool _isReporting;

    // The state that the transfer functions work on, and what the operation that they work on has met.
    private OwnershipState _state;
    private bool _mayThrow;
    private bool _takes;
    private bool _neverReturns;

    public OwnershipFlow(ControlFlowGraph graph, Survey survey, Contracts contracts, Compilation compilation, Action<Diagnostic> report, CancellationToken cancellation)
    {
        (_graph, _survey, _contracts, _compilation, _report, _cancellation) = (graph, survey, contracts, compilation, report, cancellation);
        _in = new OwnershipState?[graph.Blocks.Length];
        _budget = (64 * graph.Blocks.Length) + 256;
        _state = _pool.Rent(survey.Places, survey.Sites.Count);
        _endedBy = new string?[survey.Sites.Count];
    }

    public void Run()
    {
        for (int site = 0; site < _survey.Sites.Count; site++)
        {
            if (_survey.Sites[site] is { Parameter: not null } parameter)
            {
                _state.Value(parameter.ParameterPlace) = OwnershipValue.Of(site);
                _state.FateOf(site) = Fate.Lent;
            }
        }

        int last = _graph.Blocks.Length - 1;
        Solve(0, last, _state, _in, null);
        if (_budget > 0)
        {
            _isReporting = true;
            for (int i = 0; i <= last; i++)
            {
                if (_in[i] is { } entry)
                {
                    SwitchTo(_pool.Copy(entry));
                    Transfer(_graph.Blocks[i], null);
                    CheckLeft(_graph.Blocks[i]);
                }
            }

            if (_in[last] is { } exit)
            {
                ReportLeaks(exit);
            }
        }

        SwitchTo(null);
        foreach (OwnershipState? state in _in)
        {
            _pool.Return(state);
        }
    }

    private void SwitchTo(OwnershipState? state)
    {
        _pool.Return(_state);
        _state = state!;
    }

    // Runs a range of blocks from its first one to a fixed point. Where control leaves the range by the end of its finally, the states go to `ends`.
    private void Solve(int first, int last, OwnershipState entry, OwnershipState?[] into, List<OwnershipState>? ends)
    {
        bool[] pending = new bool[last - first + 1];
        Send(first, entry);
        for (int next = 0; next < pending.Length && _budget > 0;)
        {
            if (!pending[next])
            {
                next++;
                continue;
            }

            _budget--;
            _cancellation.ThrowIfCancellationRequested();
            pending[next] = false;
            BasicBlock block = _graph.Blocks[first + next];
            SwitchTo(_pool.Copy(into[block.Ordinal]!));
            OwnershipState? thrown = IsCaught(block) ? _pool.Rent(_state.Places, _state.Sites) : null;
            bool throws = Transfer(block, thrown);
            if (throws)
            {
                Throw(block, thrown!);
            }

            _pool.Return(thrown);
            if (!_neverReturns)
            {
                using Kept after = new(this);
                Follow(block, block.ConditionalSuccessor, isTaken: true, after.State);
                Follow(block, block.FallThroughSuccessor, isTaken: false, after.State);
            }

            next = Array.IndexOf(pending, true) is int lowest && lowest >= 0 ? lowest : pending.Length;
        }

        void Send(int block, OwnershipState state)
        {
            if (block < first || block > last)
            {
                return;
            }

            if (into[block] is not { } known)
            {
                into[block] = _pool.Copy(state);
                pending[block - first] = true;
            }
            else if (known.Join(state))
            {
                pending[block - first] = true;
            }
        }

        void Follow(BasicBlock block, ControlFlowBranch? branch, bool isTaken, OwnershipState after)
        {
            if (branch is null || branch.Semantics is ControlFlowBranchSemantics.Throw or ControlFlowBranchSemantics.Rethrow or ControlFlowBranchSemantics.Error)
            {
                return;
            }

            if (branch.Semantics == ControlFlowBranchSemantics.StructuredExceptionHandling)
            {
                ends?.Add(_pool.Copy(after));
                return;
            }

            SwitchTo(_pool.Copy(after));
            if (!Refine(block, isTaken) || branch.Destination is not { IsReachable: true } destination)
            {
                return;
            }

            // Before the ways into a finally are joined there: what one of them has freed and forgotten is no object of another's.
            _state.Forget();
            foreach (ControlFlowRegion region in branch.FinallyRegions)
            {
                if (!RunFinally(region, keep: true))
                {
                    return;
                }
            }

            EndScopes(branch);
            Send(destination.Ordinal, _state);
        }

        // The state at the point of an exception, to the handlers around it.
        void Throw(BasicBlock block, OwnershipState thrown)
        {
            using Kept after = new(this);
            SwitchTo(_pool.Copy(thrown));
            for (ControlFlowRegion? region = block.EnclosingRegion; region is not null; region = region.EnclosingRegion)
            {
                if (region is not { Kind: ControlFlowRegionKind.Try, EnclosingRegion: { } around })
                {
                    continue;
                }

                foreach (ControlFlowRegion handler in around.NestedRegions)
                {
                    if (handler.Kind is ControlFlowRegionKind.Catch or ControlFlowRegionKind.FilterAndHandler)
                    {
                        Send(handler.FirstBlockOrdinal, _state);
                    }
                    else if (handler.Kind == ControlFlowRegionKind.Finally && !RunFinally(handler, keep: false))
                    {
                        after.Restore();
                        return;
                    }
                }
            }

            after.Restore();
        }
    }

    // Takes the current state through a finally block; false if control does not come out of it.
    private bool RunFinally(ControlFlowRegion region, bool keep)
    {
        OwnershipState?[] inside = new OwnershipState?[_graph.Blocks.Length];
        List<OwnershipState> ends = [];
        using (Kept entry = new(this))
        {
            Solve(region.FirstBlockOrdinal, region.LastBlockOrdinal, entry.State, inside, ends);
        }

        for (int i = region.FirstBlockOrdinal; i <= region.LastBlockOrdinal; i++)
        {
            if (keep && inside[i] is { } state)
            {
                if (_in[i] is { } known)
                {
                    known.Join(state);
                }
                else
                {
                    _in[i] = _pool.Copy(state);
                }
            }

            _pool.Return(inside[i]);
        }

        if (ends.Count == 0)
        {
            return false;
        }

        SwitchTo(ends[0]);
        for (int i = 1; i < ends.Count; i++)
        {
            _state.Join(ends[i]);
            _pool.Return(ends[i]);
        }

        return true;
    }

    // Variables and temporaries whose scope a branch leaves refer to nothing any more.
    private void EndScopes(ControlFlowBranch branch)
    {
        foreach (ControlFlowRegion region in branch.LeavingRegions)
        {
            foreach (ILocalSymbol local in region.Locals)
            {
                if (_survey.PlaceOf(local) is int place && place >= 0)
                {
                    _state.Value(place) = default;
                }
            }

            foreach (CaptureId temporary in region.CaptureIds)
            {
                if (_survey.PlaceOf(temporary) is int place && place >= 0)
                {
                    _state.Value(place) = default;
                }
            }
        }

        _state.Forget();
    }

    // Whether an exception in a block can reach a catch of this graph.
    private static bool IsCaught(BasicBlock block)
    {
        for (ControlFlowRegion? region = block.EnclosingRegion; region is not null; region = region.EnclosingRegion)
        {
            if (region is { Kind: ControlFlowRegionKind.Try, EnclosingRegion.Kind: ControlFlowRegionKind.TryAndCatch })
            {
                return true;
            }
        }

        return false;
    }

    // Takes the current state through a block. `thrown` receives the states in which an exception may leave it.
    private bool Transfer(BasicBlock block, OwnershipState? thrown)
    {
        bool throws = false;
        _neverReturns = false;
        foreach (IOperation operation in block.Operations)
        {
            Step(operation, isBranch: false);
            if (_neverReturns)
            {
                return throws;
            }
        }

        if (block.BranchValue is { } value)
        {
            Step(value, isBranch: true);
        }

        return throws;

        void Step(IOperation operation, bool isBranch)
        {
            OwnershipState? before = thrown is null ? null : _pool.Copy(_state);
            (_mayThrow, _takes) = (false, false);
            if (isBranch)
            {
                EvaluateBranch(block, operation);
            }
            else
            {
                Execute(operation);
            }

            bool isThrow = isBranch && block.FallThroughSuccessor?.Semantics is ControlFlowBranchSemantics.Throw;
            if (before is not null && ((_mayThrow && !_takes) || isThrow))
            {
                thrown!.Join(before);
                throws = true;
            }

            _pool.Return(before);
        }
    }

    // A copy of the current state that outlives work on others.
    private readonly ref struct Kept
    {
        private readonly OwnershipFlow _flow;

        public Kept(OwnershipFlow flow)
        {
            _flow = flow;
            State = flow._pool.Copy(flow._state);
        }

        public OwnershipState State { get; }

        public void Restore() => _flow.SwitchTo(_flow._pool.Copy(State));

        public void Dispose() => _flow._pool.Return(State);
    }
}
